"""Puts files together that belong together: transformers in their order, the model behind them, and its names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sklearn.base import BaseEstimator

from webapp.cell.contents import Contents, names_in, open_contents
from webapp.cell.estimator.joining import has_names, in_front, output_names, why_unfit
from webapp.cell.estimator.other_libraries import count_of_inputs, names_of_inputs
from webapp.errors import NotServable
from webapp.models.file_report import FileReport
from webapp.models.parts_file import FilePart, PartsInvalid, read_parts


def parts_of(data: bytes) -> list[FilePart]:
    """Return the files that one file consists of.

    Raises
    ------
    NotServable
    """
    try:
        return read_parts(data)
    except PartsInvalid:
        raise NotServable("The file is damaged.") from None


def combined(reports: Iterable[tuple[str, FileReport]]) -> FileReport:
    """Return one report on all parts, each given with its name; what speaks against one names its file."""
    named = list(reports)
    every = [report for _, report in named]
    reasons = [f"{name}: {report.reason}" for name, report in named if report.reason]
    versions = _distinct(report.made_with for report in every if report.made_with)
    if len({version.rpartition(".")[0] for version in versions}) > 1:
        reasons.append(f"The files were made with different versions of scikit-learn: {', '.join(versions)}.")
    return FileReport(
        names=tuple(sorted(dict(each for report in every for each in report.names).items())),
        refused=_distinct(each for report in every for each in report.refused),
        made_with=next(iter(versions), None),
        numpy=next((report.numpy for report in every if report.numpy), None),
        boosters=_distinct(each for report in every for each in report.boosters),
        reason=" ".join(reasons) or None,
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def assemble(parts: Sequence[FilePart], load: Callable[[bytes], Any]) -> Contents:
    """Return the model of the parts, with the transformers in front of it.

    Parameters
    ----------
    load : callable
        Loads one part, and raises NotServable if the gate refuses it.

    Raises
    ------
    NotServable
        Also when the parts don't fit together.
    """
    models = [part for part in parts if part.role == "model"]
    if len(models) != 1:
        raise NotServable("Exactly one of the files must be the model.")
    contents = open_contents(load(models[0].data))
    transformers = [_transformer(part, load) for part in parts if part.role == "before"]
    if transformers:
        contents = _behind(transformers, contents)
    for part in parts:
        if part.role in ("names", "names as text"):
            contents = _named(contents, part, load)
    return contents


def _transformer(part: FilePart, load: Callable[[bytes], Any]) -> Any:
    value = load(part.data)
    if not isinstance(value, BaseEstimator) or not hasattr(value, "transform"):
        raise NotServable(f"{part.name} holds a {type(value).__name__}, which is no transformer.")
    return value


def _behind(transformers: Sequence[Any], contents: Contents) -> Contents:
    for first, second in pairwise([*transformers, contents.estimator]):
        if problem := why_unfit(first, second) or _other_order(first, second):
            raise NotServable(f"The files can't be put together: {problem}.")
    words = ", then ".join(type(step).__name__ for step in transformers)
    note = f"In front of the model (a {type(contents.estimator).__name__}) stands: {words}."
    joined = in_front(transformers, contents.estimator)
    # Names that the model's own file gave are those of the columns that the transformers return.
    return replace(contents, estimator=joined, names=None, notes=(*contents.notes, note))


def _other_order(first: Any, second: Any) -> str | None:
    columns, expected = output_names(first), getattr(second, "feature_names_in_", None)
    if columns is None or expected is None or columns == tuple(map(str, expected)):
        return None
    if sorted(columns) != sorted(map(str, expected)):
        return None
    return f"{type(second).__name__} expects the columns of {type(first).__name__} in another order"


def _named(contents: Contents, part: FilePart, load: Callable[[bytes], Any]) -> Contents:
    value = _from_text(part.data) if part.role == "names as text" else load(part.data)
    names, count = names_in(value), count_of_inputs(contents.estimator)
    if names is None:
        raise NotServable(f"{part.name} holds no list of distinct names.")
    if has_names(contents.estimator):
        if names != tuple(map(str, names_of_inputs(contents.estimator) or ())):
            raise NotServable(f"The model knows the names of its inputs, and those in {part.name} are others.")
        return contents
    if count is not None and len(names) != count:
        raise NotServable(f"{part.name} names {len(names)} inputs, but the first step has {count}.")
    note = f"The names of the inputs are those in {part.name}."
    return replace(contents, names=names, notes=(*contents.notes, note))


def _from_text(data: bytes) -> Any:
    """Return the names of a file of JSON, of a CSV's first line, or of one name in each line."""
    text = data.decode("utf-8-sig", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        lines = text.splitlines()
        return [each.strip().strip('"') for each in (lines[0].split(",") if "," in text else lines) if each.strip()]
