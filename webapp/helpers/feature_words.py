"""The values of an input in words for people."""

from __future__ import annotations

from webapp.helpers.formatting import choice_labels, feature_label, label_and_unit, number, words
from webapp.helpers.values import as_value
from webapp.types import SAMPLE_SOURCE, Feature, Value

#: How 0 and 1 are shown where they stand for no and yes.
FLAG_LABELS = {0: "no (0)", 1: "yes (1)"}


def options(feature: Feature) -> tuple[Value, ...]:
    """Return the values from which people choose; empty where they type one."""
    return (0, 1) if feature.is_flag else feature.choices or feature.suggestions


def option_labels(feature: Feature) -> tuple[str, ...]:
    """Write each value from which people choose: with the card's label if it has one."""
    return labels_of(feature, options(feature))


def labels_of(feature: Feature, values: tuple[Value, ...]) -> tuple[str, ...]:
    """Write some of the values from which people choose, so that all look different."""
    plain = tuple(FLAG_LABELS[int(value or 0)] for value in values) if feature.is_flag else choice_labels(values)
    return tuple(value_label(feature, value) or text for value, text in zip(values, plain, strict=True))


def value_words(feature: Feature, value: Value) -> str:
    """Write a value of an input: with the card's label if it has one."""
    if label := value_label(feature, value):
        return label
    return FLAG_LABELS[int(value)] if feature.is_flag and value in (0, 1) else words(value)


def filled_words(feature: Feature) -> str:
    """Name an input with the value that the model fills in for a blank: “Housing (owner)”, “Body mass (4050 g)”."""
    if label := value_label(feature, feature.default):
        return f"{feature_label(feature)} ({label})"
    if feature.is_flag and feature.default in (0, 1):
        return f"{feature_label(feature)} ({words(bool(feature.default))})"
    text, unit = label_and_unit(feature) if feature.is_number else (feature_label(feature), "")
    return f"{text} ({words(feature.default)}{f' {unit}' if unit else ''})"


def value_label(feature: Feature, value: Value) -> str:
    """Return the card's label of a value; empty if it has none."""
    return feature.value_labels.get(value_key(value), "") if feature.value_labels and value is not None else ""


def value_key(value: Value) -> str:
    """Return how a card names a value: 1.0 is 1, true is true."""
    return str(value).lower() if isinstance(value, bool) else str(as_value(value))


def labelled_value(feature: Feature, text: str) -> Value:
    """Return the value whose label on the card is this text, in any case; None if it is no label."""
    wanted = comparable(text)
    key = next((key for key, label in feature.value_labels.items() if comparable(label) == wanted), None)
    if key is None:
        return None
    if feature.is_number:
        return float(key)
    return next((value for value in options(feature) if value_key(value) == key), key)


def comparable(text: str) -> str:
    """Return a text without what people don't tell apart: case, and how much white space there is."""
    return " ".join(text.split()).casefold()


def range_words(feature: Feature) -> str:
    """Return which values a number had, as far as that is known: “in training 1 to 9.5”; empty if nothing is known."""
    return " ".join(_range_parts(feature))


def range_sentence(feature: Feature) -> str:
    """Return the same as a sentence: “In training: 1 to 9.5.”; empty if nothing is known."""
    text = ": ".join(_range_parts(feature))
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _range_parts(feature: Feature) -> tuple[str, ...]:
    if span := feature.range:
        about, digits = ("", 6) if span.exact else ("about ", 3)
        where = "in the sample" if span.source == SAMPLE_SOURCE else "in training"
        return where, f"{about}{number(span.low, digits)} to {number(span.high, digits)}"
    if (usual := feature.usual) is None:
        return ()
    if usual.mean is not None and usual.sd is not None:
        return (f"on average {number(usual.mean, 3)} in training, standard deviation {number(usual.sd, 3)}",)
    if usual.nearly_all:
        return "in training", f"mostly {number(usual.low, 3)} to {number(usual.high, 3)}"
    return (f"typically {number(feature.typical, 3)}",) if isinstance(feature.typical, int | float) else ()
