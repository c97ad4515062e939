"""A card in words for people."""

from __future__ import annotations

from webapp.helpers.formatting import choice_labels, number, words
from webapp.models.card.fields import Metric
from webapp.types import Feature

NAMES = {
    "accuracy": "Right answers (accuracy)",
    "AUC": "Telling the two classes apart (AUC; 0.5 is chance, 1 is perfect)",
    "macro AUC": "Telling each class from the rest, on average (macro AUC; 0.5 is chance, 1 is perfect)",
    "MAE": "Off by, on average (MAE)",
    "RMSE": "Off by, large errors counting more (RMSE)",
    "R²": "Part of the differences that it explains (R²)",
}
#: More choices than this are counted, not listed.
MAX_LISTED = 12


def metric_name(metric: Metric) -> str:
    """Say what a measure measures."""
    return f"{metric.output}: {NAMES[metric.name]}" if metric.output else NAMES[metric.name]


def metric_value(metric: Metric) -> str:
    """Write the value of a measure."""
    return _written(metric, metric.value)


def metric_span(metric: Metric) -> str:
    """Write between which values a measure lies."""
    return f"{_written(metric, metric.low)} to {_written(metric, metric.high)}"


def _written(metric: Metric, value: float) -> str:
    return f"{value * 100:.1f} %" if metric.name == "accuracy" else number(value, 3)


def values_met(feature: Feature) -> str:
    """Say which values a feature may have, or had in training."""
    if feature.kind == "text":
        return "a text, such as 2024-01-15" if feature.probed == "date" else "a text"
    if feature.kind in ("category", "boolean"):
        if len(feature.choices) > MAX_LISTED:
            return f"one of {len(feature.choices)}"
        return ", ".join(choice_labels(feature.choices))
    what = "a whole number" if feature.kind == "integer" else "a number"
    if feature.range is None:
        return what
    span = feature.range
    about, digits = ("", 6) if span.exact else ("about ", 3)
    return f"{what}, in training {about}{number(span.low, digits)} to {number(span.high, digits)}"


def values_source(feature: Feature) -> str:
    """Say where it is known from which values a feature may have, or had."""
    if feature.probed:
        return "found by trying"
    if feature.range:
        return f"{'exact' if feature.range.exact else 'approximate'}, from {feature.range.source}"
    if feature.choices:
        return f"from {feature.choices_source}" if feature.choices_source else ""
    return "" if feature.kind == "text" else "the model keeps no trace of the values that it met"


def blank_words(feature: Feature) -> str:
    """Say what becomes of a blank, and where that is known from."""
    if not feature.optional:
        return "not possible"
    if feature.default is None:
        return "the model copes"
    source = f" ({feature.default_source})" if feature.default_source else ""
    return f"the model takes {words(feature.default)}{source}"
