"""A card in words for people."""

from __future__ import annotations

from webapp.helpers.feature_words import option_labels, options, range_words, value_key, value_label, value_words
from webapp.helpers.formatting import listing, number, percent
from webapp.helpers.output_words import class_label, class_words, threshold_percent
from webapp.models.card.fields import CARD_SOURCE, Metric
from webapp.types import SAMPLE_SOURCE, Feature, Output, Signature

METRIC_NAMES = {
    "accuracy": "Correct answers (accuracy)",
    "AUC": "Telling the two classes apart (AUC; 0.5 is chance, 1 is perfect)",
    "macro AUC": "Telling each class from the rest, on average (macro AUC; 0.5 is chance, 1 is perfect)",
    "MAE": "Average error (MAE)",
    "RMSE": "Average error, large errors counting more (RMSE)",
    "R²": "Share of the variation that the model explains (R²)",
}
KIND_WORDS = {
    "text": "text",
    "date": "a date, such as 2024-01-15",
    "datetime": "a date and time, such as 2024-01-15T12:00",
}
SOURCE_WORDS = {"testing": "found by testing the model", "sample": "learned from the sample", "card": "set on the card"}
#: Maximum number of choices that are listed; more are only counted.
MAX_LISTED_CHOICES = 12


def metric_name(metric: Metric) -> str:
    """Return what a metric measures, in words."""
    return f"{metric.output}: {METRIC_NAMES[metric.name]}" if metric.output else METRIC_NAMES[metric.name]


def metric_value(metric: Metric) -> str:
    """Write the value of a metric."""
    return _format(metric, metric.value)


def metric_span(metric: Metric) -> str:
    """Write the confidence interval of a metric."""
    return f"{_format(metric, metric.low)} to {_format(metric, metric.high)}"


def _format(metric: Metric, value: float) -> str:
    return f"{value * 100:.1f} %" if metric.name == "accuracy" else number(value, 3)


def threshold_words(signature: Signature) -> str:
    """Return the threshold that a classifier itself decides by, in words; empty if it has none."""
    if (threshold := signature.threshold) is None:
        return ""
    value = percent(threshold.value) if threshold.of == "probability" else number(threshold.value, 3)
    label = class_words(signature.outputs[0], threshold.label)
    return f"The model answers {label} when its {threshold.of} of {label} is {value} or more."


def report_words(output: Output) -> str:
    """Return which probability people read as the answer, and its threshold; empty if the card does not say."""
    names = [output.reported] if output.reported else list(output.thresholds)
    if not names:
        return ""
    said = [
        f"the probability of {class_label(output, name)}"
        + (f", with a threshold of {threshold_percent(output.thresholds[name])}" if name in output.thresholds else "")
        for name in names
    ]
    return f"Results show {' and '.join(said)}."


def values_met(feature: Feature) -> str:
    """Return the values that a feature may have, or had in training, in words."""
    if not feature.is_number and not feature.has_choices:
        count = len(feature.suggestions)
        return KIND_WORDS[feature.kind] + (f", {count} values of which are known" if count else "")
    if feature.has_choices:
        if len(feature.choices) > MAX_LISTED_CHOICES:
            return f"one of {len(feature.choices)} known values"
        return ", ".join(_with_values(feature))
    if feature.is_flag:
        return " or ".join(_with_values(feature)) if feature.value_labels else "0 or 1"
    kind = "a whole number" if feature.kind == "integer" else "a number"
    if feature.suggestions:
        named = f"{listing(_with_values(feature))} in the sample"
        return named if feature.value_labels else f"{kind}, {named}"
    known = range_words(feature)
    return f"{kind}, {known}" if known else kind


def _with_values(feature: Feature) -> list[str]:
    """Write the values from which people choose; what a label stands for follows in brackets, for scripts."""
    return [
        f"{text} ({value_key(value)})" if value_label(feature, value) else text
        for value, text in zip(options(feature), option_labels(feature), strict=True)
    ]


def values_source(feature: Feature) -> str:
    """Return where the values of a feature are known from, in words."""
    if feature.guessed:
        return "a guess: the model does not show it for certain"
    if feature.source:
        return SOURCE_WORDS[feature.source]
    if feature.range and feature.range.source == CARD_SOURCE:
        return "set on the card"
    if feature.range and feature.range.source == SAMPLE_SOURCE:
        return "from the sample"
    if feature.range:
        return f"{'exact' if feature.range.exact else 'approximate'}, from {feature.range.source}"
    if feature.usual:
        return f"from {feature.usual.source}; the smallest and the largest value are not known"
    if feature.choices:
        return f"from {feature.choices_source}" if feature.choices_source else ""
    return "" if not feature.is_number else "the model does not store its training values"


def blank_words(feature: Feature) -> str:
    """Return how the model handles a blank, and where that is known from."""
    if not feature.optional:
        return "required"
    if feature.default is None:
        return "the model accepts a blank"
    source = f" ({feature.default_source})" if feature.default_source else ""
    return f"{value_words(feature, feature.default)}{source}"
