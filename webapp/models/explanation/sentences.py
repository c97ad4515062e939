"""An explanation in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.helpers.formatting import feature_label, number, percent, words
from webapp.models.explanation.results import Change, Contribution, Explanation
from webapp.types import Feature, Instance, Signature, Value

#: Below this part of the largest one, a spread is not worth a word.
NEGLIGIBLE = 0.01
#: So many contributions are shown at once; the rest can be opened.
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One input's contribution, ready to be drawn from the middle to one side."""

    label: str
    own: str
    text: str
    spread: str
    #: Where the bar begins and how long it is, of 100.
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
class Why:
    """The reasons for one output's answer, in words."""

    output: str
    summary: str
    reasons: tuple[Reason, ...]
    suggestions: tuple[Suggestion, ...]
    #: What is said where there is no suggestion.
    none: str


def why(explanation: Explanation, instance: Instance, signature: Signature) -> Why:
    """Put an explanation into words."""
    features = {feature.name: feature for feature in signature.features}
    largest = max((abs(each.value) for each in explanation.contributions), default=0.0)
    return Why(
        output=explanation.output if signature.multi_output else "",
        summary=_summary(explanation),
        reasons=tuple(
            _reason(each, features[each.feature], instance[each.feature], largest, explanation)
            for each in explanation.contributions
        ),
        suggestions=tuple(
            _suggestion(each, features[each.feature], instance, explanation) for each in explanation.changes
        ),
        none=_none(explanation, features),
    )


def score_words(explanation: Explanation, score: float) -> str:
    """Write a score: a probability as a percentage, a number as a number."""
    return percent(score) if explanation.is_share else number(score)


def _summary(explanation: Explanation) -> str:
    whom = "a typical case" if explanation.typical else "the cases of the sample on the card, on average,"
    before, now = (score_words(explanation, each) for each in (explanation.baseline, explanation.score))
    if explanation.is_share:
        return (
            f"For {whom} the model gives {words(explanation.label)} {before}; for this case {now}. "
            "In percentage points, each input did this:"
        )
    if explanation.label is None:
        return f"For {whom} the model says {before}; for this case {now}. Each input did this:"
    return f"How far each input speaks for the answer {words(explanation.label)}, next to {whom.rstrip(',')}."


def _reason(each: Contribution, feature: Feature, own: Value, largest: float, explanation: Explanation) -> Reason:
    length = 50 * abs(each.value) / largest if largest else 0.0
    return Reason(
        label=feature_label(feature),
        own=words(own),
        text=_moved(each.value, explanation),
        spread=f"± {_size(each.spread, explanation)}" if each.spread > NEGLIGIBLE * largest else "",
        start=round(50 - length if each.value < 0 else 50, 2),
        length=round(length, 2),
        against=each.value < 0,
    )


def _moved(value: float, explanation: Explanation) -> str:
    sign = "−" if value < 0 else "+"
    return f"{sign}{_size(value, explanation)}"


def _size(value: float, explanation: Explanation) -> str:
    if explanation.label is None:
        return number(float(f"{abs(value):.3g}"))
    return f"{abs(value) * 100:.1f}"


def _suggestion(change: Change, feature: Feature, instance: Instance, explanation: Explanation) -> Suggestion:
    label, now = feature_label(feature), words(instance[feature.name])
    answer = number(float(f"{change.score:.6g}")) if explanation.label is None else words(change.prediction)
    text = f"If only {label} were {words(change.value)} (now {now}), the answer would be {answer}."
    return Suggestion(feature=feature.name, value=change.value, text=text)


def _none(explanation: Explanation, features: Mapping[str, Feature]) -> str:
    fixed = any(feature.immutable for feature in features.values())
    which = "change of a single input that can be otherwise" if fixed else "change of a single input"
    if explanation.label is None:
        return f"No {which} that was tried would move the answer by a tenth."
    return f"No {which} that was tried would change the answer."
