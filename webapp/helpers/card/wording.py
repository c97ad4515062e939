"""A card in words for people."""

from __future__ import annotations

from webapp.helpers.card.parts import Metric
from webapp.helpers.wording import choice_labels, number
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
        return "a text"
    if feature.kind in ("category", "boolean"):
        if len(feature.choices) > MAX_LISTED:
            return f"one of {len(feature.choices)}"
        return ", ".join(choice_labels(feature.choices))
    what = "a whole number" if feature.kind == "integer" else "a number"
    if feature.range is None:
        return what
    about = "" if feature.range.exact else "about "
    return f"{what}, in training {about}{number(feature.range.low)} to {number(feature.range.high)}"
