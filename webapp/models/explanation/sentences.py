"""Explanations in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.helpers.feature_words import value_words
from webapp.helpers.formatting import feature_label, number, percent
from webapp.helpers.output_words import class_key, class_label, class_words, quantity, share_words
from webapp.models.explanation.results import Change, Contribution, Explanation
from webapp.types import Feature, Instance, Output, Signature, Value

#: A standard error below this share of the largest contribution is not shown.
NEGLIGIBLE_SHARE = 0.01


@dataclass(frozen=True, kw_only=True)
class Reason:
    """The contribution of one input, with a bar from the middle to one side."""

    label: str
    own: str
    text: str
    spread: str
    #: Start and length of the bar, out of 100.
    start: float
    length: float
    against: bool


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A single change that would change the answer."""

    feature: str
    value: Value
    text: str


@dataclass(frozen=True, kw_only=True)
class ExplanationText:
    """The explanation of one output, in words."""

    output: str
    summary: str
    reasons: tuple[Reason, ...]
    suggestions: tuple[Suggestion, ...]
    #: The sentence for an explanation without suggestions.
    no_suggestion: str


def explanation_text(explanation: Explanation, instance: Instance, signature: Signature) -> ExplanationText:
    """Write an explanation in words."""
    features = {feature.name: feature for feature in signature.features}
    output = output_of_explanation(explanation, signature)
    largest = max((abs(each.value) for each in explanation.contributions), default=0.0)
    return ExplanationText(
        output=(output.label or output.name) if signature.multi_output else "",
        summary=_summary(explanation, output),
        reasons=tuple(
            _reason(each, features[each.feature], instance[each.feature], largest, explanation)
            for each in explanation.contributions
        ),
        suggestions=tuple(
            _suggestion(each, features[each.feature], instance, explanation, output) for each in explanation.changes
        ),
        no_suggestion=_no_suggestion(explanation, features),
    )


def output_of_explanation(explanation: Explanation, signature: Signature) -> Output:
    """Return the output that is explained."""
    return next(output for output in signature.outputs if output.name == explanation.output)


def score_words(explanation: Explanation, score: float, output: Output) -> str:
    """Write a score: a probability as a percentage, a number with its unit."""
    return percent(score) if explanation.is_share else quantity(output, score)


def label_words(explanation: Explanation, output: Output, label: Value) -> str:
    """Write a class of an explained output."""
    return class_label(output, class_key(label)) if explanation.is_share else class_words(output, label)


def _summary(explanation: Explanation, output: Output) -> str:
    compared = "For a typical case" if explanation.typical else "On average"
    baseline, score = (score_words(explanation, each, output) for each in (explanation.baseline, explanation.score))
    label = label_words(explanation, output, explanation.label)
    if explanation.is_share:
        return (
            f"{compared} the model gives {baseline} for {label}; this case gets {score}. "
            "Effect of each input, in percentage points:"
        )
    if explanation.label is None:
        return f"{compared} the model predicts {baseline}; for this case it predicts {score}. Effect of each input:"
    background = "a typical case" if explanation.typical else "the average case"
    return f"Effect of each input on the answer {label}, compared with {background}:"


def _reason(each: Contribution, feature: Feature, own: Value, largest: float, explanation: Explanation) -> Reason:
    length = 50 * abs(each.value) / largest if largest else 0.0
    return Reason(
        label=feature_label(feature),
        own=value_words(feature, own),
        text=_signed(each.value, explanation),
        spread=f"± {_size(each.spread, explanation)}" if each.spread > NEGLIGIBLE_SHARE * largest else "",
        start=round(50 - length if each.value < 0 else 50, 2),
        length=round(length, 2),
        against=each.value < 0,
    )


def _signed(value: float, explanation: Explanation) -> str:
    sign = "−" if value < 0 else "+"
    return f"{sign}{_size(value, explanation)}"


def _size(value: float, explanation: Explanation) -> str:
    if explanation.label is None:
        return number(float(f"{abs(value):.3g}"))
    return f"{abs(value) * 100:.1f}"


def _suggestion(
    change: Change, feature: Feature, instance: Instance, explanation: Explanation, output: Output
) -> Suggestion:
    label, now = feature_label(feature), value_words(feature, instance[feature.name])
    answer = _answer_words(change, explanation, output)
    text = f"With {label} {value_words(feature, change.value)} instead of {now}, the answer would be {answer}."
    return Suggestion(feature=feature.name, value=change.value, text=text)


def _answer_words(change: Change, explanation: Explanation, output: Output) -> str:
    if explanation.is_share and output.reported:
        return f"“{share_words(output, output.reported, change.score)}”"
    if explanation.label is None:
        return quantity(output, float(f"{change.score:.6g}"))
    return label_words(explanation, output, change.prediction)


def _no_suggestion(explanation: Explanation, features: Mapping[str, Feature]) -> str:
    has_fixed = any(feature.immutable for feature in features.values())
    effect = "change the answer" if explanation.label is not None else "change the answer by 10 % or more"
    tried = "among the values tried, without inputs that can’t change" if has_fixed else "among the values tried"
    return f"Changing one input alone would not {effect} ({tried})."
