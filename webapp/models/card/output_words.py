"""The card's words for what a model predicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import printable
from webapp.helpers.output_words import class_key
from webapp.models.card import Card
from webapp.models.card.fields import OutputWords
from webapp.models.card.value_labels import require_distinct
from webapp.types import Output, Signature, Task


def with_output_words(signature: Signature, card: Card) -> Signature:
    """Return a signature whose outputs have the card's words, the reported class and the thresholds.

    Raises
    ------
    CardInvalid
        When the card names a class or an output that the model doesn't have, or words that don't suit it.
    """
    _check_thresholds(signature, card)
    words = _by_output("output", card.output, signature)
    labels = _by_output("classes", card.classes, signature)
    reported = _by_output("report", card.report, signature)
    if card.report and not signature.probabilities:
        raise CardInvalid("The card reports the probability of a class, but this model predicts no probabilities.")
    outputs = tuple(
        _output(
            output,
            signature.task,
            thresholds={name: value for name, value in card.thresholds.items() if name in _names(output)},
            words=words.get(output.name) or OutputWords(),
            labels=labels.get(output.name) or {},
            reported=reported.get(output.name) or "",
        )
        for output in signature.outputs
    )
    return replace(signature, outputs=outputs)


def _output(
    output: Output,
    task: Task,
    *,
    thresholds: Mapping[str, float],
    words: OutputWords,
    labels: Mapping[str, str],
    reported: str,
) -> Output:
    is_number = not output.classes and task in ("regression", "prediction")
    if (words.unit or words.digits is not None) and not is_number:
        raise CardInvalid("The card gives a unit or digits to an output that is not a number.")
    return replace(
        output,
        label=words.label,
        unit=words.unit,
        digits=words.digits,
        thresholds=thresholds,
        class_labels=_class_labels(output, task, labels),
        reported=_known(output, reported, "reports") if reported else "",
    )


def _class_labels(output: Output, task: Task, said: Mapping[str, str]) -> Mapping[str, str]:
    if said and task == "regression":
        raise CardInvalid("The card labels classes, but this model predicts a number.")
    # A model that does not show its classes, such as a booster or a clustering, may answer any.
    labels = {_known(output, name, "labels") if output.classes else name: each for name, each in said.items() if each}
    require_distinct(labels, _names(output), "classes")
    return labels


def _known(output: Output, name: str, does: str) -> str:
    """Return the class that a card names; true and false may be written in lower case."""
    found = [each for each in map(class_key, output.classes) if name in (each, each.lower())]
    if name in found:
        return name
    if len(found) != 1:
        raise CardInvalid(f"The card {does} “{printable(name)}”, which is not a class of this model.")
    return found[0]


def _names(output: Output) -> frozenset[str]:
    return frozenset(map(class_key, output.classes))


def _check_thresholds(signature: Signature, card: Card) -> None:
    classes = frozenset[str]().union(*map(_names, signature.outputs))
    if unknown := [name for name in card.thresholds if name not in classes]:
        raise CardInvalid(
            f"The card sets a threshold for “{printable(unknown[0])}”, which is not a class of this model."
        )


def _by_output(field: str, said: Any, signature: Signature) -> Mapping[str, Any]:
    """Return the words of a field by the name of the output; of the only output they stand there as they are."""
    if not said or said == OutputWords():
        return {}
    are_named = _are_named(field, said)
    if not signature.multi_output:
        if True in are_named:
            raise CardInvalid(f"The card names outputs in {field}, but this model has only one.")
        return {signature.outputs[0].name: said}
    names = [output.name for output in signature.outputs]
    if False in are_named or not said.keys() <= set(names):
        raise CardInvalid(
            f"This model has several outputs; in {field}, the card must name them: {', '.join(names[:3])}"
            f"{' …' if len(names) > 3 else ''}."
        )
    return said  # type: ignore[no-any-return]


def _are_named(field: str, said: Any) -> set[bool]:
    """Return whether the parts of a field are named by outputs."""
    parts = said.values() if field == "classes" else [said]
    return {isinstance(part, Mapping) for part in parts}
