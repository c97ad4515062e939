"""What a model predicts, in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from webapp.helpers.feature_words import value_key
from webapp.helpers.formatting import THIN_SPACE, number, percent, words
from webapp.types import Output, Signature, Task, Value

#: Meaning of the numbers that an outlier detector predicts.
OUTLIER_WORDS = {"1": "typical", "-1": "unusual"}
#: How many decimals of a percentage are tried to tell a probability from a threshold.
MAX_DECIMALS = 6
NO_WORDS = Output(name="")


def output_label(output: Output) -> str:
    """Return what an output is called, with its unit in brackets; empty if the card has no words for it."""
    return f"{output.label} ({output.unit})" if output.label and output.unit else output.label


def class_label(output: Output, name: str) -> str:
    """Return the card's label of a class, or its name in the probabilities."""
    return output.class_labels.get(name, name)


def class_words(output: Output, value: Value, task: Task | None = None) -> str:
    """Write a class: with the card's label if it has one."""
    if label := output.class_labels.get(class_key(value)):
        return label
    return (task == "outlier detection" and OUTLIER_WORDS.get(value_key(value))) or words(value)


def class_key(value: Value) -> str:
    """Return the name of a class in the probabilities."""
    return str(value)


def quantity(output: Output, value: float, digits: int = 6) -> str:
    """Write a predicted number with the decimals and the unit of the card."""
    if output.digits is None:
        text = number(value, digits)
    else:
        text = f"{value:,.{output.digits}f}".replace(",", THIN_SPACE)
        # A number that is rounded to nothing has no sign.
        text = text.replace("-", "−") if text.strip("-0.") else text.lstrip("-")
    return f"{text} {output.unit}" if output.unit else text


def headline(output: Output, value: Any, shares: Mapping[str, float] | None, task: Task | None = None) -> str:
    """Write an answer as it is read first.

    Of the class that the card reports it is the probability; of another class with a threshold too, because an answer
    below its threshold must not look like one above it.
    """
    if shares and (name := headline_class(output, value, shares)):
        return share_words(output, name, shares[name])
    if shares:
        return class_label(output, class_key(value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_quantity = is_number and not output.classes and not _is_named(output, value, task)
    return quantity(output, value) if is_quantity else class_words(output, value, task)


def headline_class(output: Output, value: Value, shares: Mapping[str, float]) -> str:
    """Return the class whose probability stands in the headline; empty if the class alone does."""
    if output.reported in shares:
        return output.reported
    own = class_key(value)
    return own if own in output.thresholds and own in shares else ""


def _is_named(output: Output, value: Value, task: Task | None) -> bool:
    return class_key(value) in output.class_labels or task == "outlier detection"


def share_words(output: Output, name: str, share: float) -> str:
    """Write the probability of a class, and on which side of its threshold it is."""
    threshold = output.thresholds.get(name)
    label = class_label(output, name)
    if threshold is None:
        return f"{label}: {percent(share)}"
    side = "at or above" if share >= threshold else "below"
    return f"{label}: {percent_beside(share, threshold)}, {side} the threshold of {threshold_percent(threshold)}"


def threshold_percent(threshold: float) -> str:
    """Write a threshold as a percentage."""
    return f"{number(threshold * 100, 8)} %"


def percent_beside(share: float, threshold: float) -> str:
    """Write a probability with enough digits not to look like a threshold that it is below."""
    text, other = percent(share), percent(threshold)
    for decimals in range(2, MAX_DECIMALS + 1):
        if text != other or share >= threshold:
            break
        text, other = (f"{each * 100:.{decimals}f} %" for each in (share, threshold))
    return text


def output_of(signature: Signature | None, place: int = 0) -> Output:
    """Return an output of a model, or one without words if the model is not there any more."""
    return signature.outputs[place] if signature and place < len(signature.outputs) else NO_WORDS


def without_report(signature: Signature) -> Signature:
    """Return a signature for the answers of another version: its thresholds don't hold for them."""
    outputs = tuple(replace(output, reported="", thresholds={}) for output in signature.outputs)
    return replace(signature, outputs=outputs)
