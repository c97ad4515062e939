"""What was found in a file, in a few lines for the person who brings it."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.helpers.formatting import feature_label
from webapp.models.file_report import FileReport
from webapp.types import Feature, Signature

#: Maximum number of names in one line; more are only counted.
MAX_NAMES, MAX_CLASSES = 8, 12

#: What testing a model may show of an input, in words.
TESTED = {
    "text": "texts",
    "date": "dates",
    "datetime": "dates with a time",
    "boolean": "yes and no",
    "integer": "whole numbers",
}


def findings(report: FileReport, signature: Signature) -> list[tuple[str, str]]:
    """Return what a file holds, what it predicts, its inputs and what is guessed about them, each with a title."""
    libraries = [*([f"scikit-learn {report.made_with}"] if report.made_with else []), *report.boosters]
    made_with = f", made with {' and '.join(libraries)}" if libraries else ""
    lines = [("Model", f"{report.holds or 'unknown'}{made_with}"), ("Predicts", predicts(signature))]
    lines += [("Inputs", _inputs(signature))]
    lines += [("Note", note) for note in report.notes]
    if report.prediction:
        lines += [("Trial", report.prediction)]
    return lines + [("Guessed", sentence) for sentence in _guesses(signature)]


def predicts(signature: Signature) -> str:
    """Return what a model predicts, in a few words."""
    classes = signature.outputs[0].classes
    if signature.multi_output:
        return f"{len(signature.outputs)} values"
    if len(classes) > MAX_CLASSES:
        return f"one of {len(classes)} classes"
    if signature.task == "classification" and classes:
        *first, last = map(str, classes)
        return f"{', '.join(first)} or {last}" if first else last
    if signature.task == "outlier detection":
        return "whether a case is typical or unusual"
    return "the cluster of a case" if signature.task == "clustering" else "a number"


def _inputs(signature: Signature) -> str:
    optional = sum(feature.optional for feature in signature.features)
    how_many = "all" if optional == len(signature.features) else f"{optional} of them"
    blank = f"; {how_many} may be left blank" if optional else ""
    return f"{len(signature.features)}: {_names(signature.shown)}{blank}"


def _guesses(signature: Signature) -> list[str]:
    sentences = []
    if signature.layout == "array":
        sentences.append("The file does not name its inputs, so they are numbered. A card can name them.")
    if unknown := [feature for feature in signature.features if feature.unknown]:
        sentences.append(f"The file says nothing about {_names(unknown)}, so any number is accepted there.")
    for kind, accepted in TESTED.items():
        if tested := [each for each in signature.features if each.source == "testing" and each.kind == kind]:
            sentences.append(f"The model was tested and accepts {accepted} for {_names(tested)}.")
    return sentences


def _names(features: Sequence[Feature]) -> str:
    names = ", ".join(feature_label(feature) for feature in features[:MAX_NAMES])
    more = len(features) - MAX_NAMES
    return f"{names} and {more} more" if more > 0 else names
