"""Predictions in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from webapp.helpers.feature_words import options, value_label, value_words
from webapp.helpers.formatting import feature_label, label, number, percent, words
from webapp.helpers.output_words import (
    class_key,
    class_label,
    headline,
    headline_class,
    output_of,
    percent_beside,
    threshold_percent,
    without_report,
)
from webapp.helpers.records.redaction import placeholder_words
from webapp.types import Feature, Instance, Output, Prediction, Signature, Value


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One class and its probability."""

    label: str
    share: float
    text: str
    chosen: bool
    #: The card's threshold for it, and on which side of it the case is, in a sentence.
    threshold: float | None = None
    threshold_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One output of a prediction: the answer in words, and a bar for each class."""

    name: str
    text: str
    bars: tuple[Bar, ...]


def results(prediction: Prediction, signature: Signature | None = None) -> tuple[Result, ...]:
    """Return the outputs of a prediction in their order, with the words of the card; empty without an answer."""
    return tuple(
        _result(each, each.output.label or (f"y{place}" if each.is_one_of_several else ""), signature)
        for place, each in enumerate(_answers(prediction, signature))
    )


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """The answer for one output."""

    output: Output
    value: Any
    shares: Mapping[str, float] | None
    is_one_of_several: bool

    def headline(self, signature: Signature | None) -> str:
        return headline(self.output, self.value, self.shares, signature.task if signature else None)


def _answers(prediction: Prediction, signature: Signature | None) -> list[_Answer]:
    answer = prediction.answer
    if answer is None:
        return []
    are_several = isinstance(answer.prediction, list)
    values = answer.prediction if are_several else [answer.prediction]
    shares = answer.probabilities if isinstance(answer.probabilities, list) else [answer.probabilities]
    return [
        _Answer(output=output_of(signature, place), value=value, shares=share, is_one_of_several=are_several)
        for place, (value, share) in enumerate(zip_longest(values, shares[: len(values)]))
    ]


def _result(answer: _Answer, name: str, signature: Signature | None) -> Result:
    ranked = sorted((answer.shares or {}).items(), key=lambda pair: -pair[1])
    said = headline_class(answer.output, answer.value, answer.shares or {})
    bars = tuple(_bar(answer, name, share, said) for name, share in ranked)
    return Result(name=name, text=answer.headline(signature), bars=bars)


def _bar(answer: _Answer, name: str, share: float, said: str) -> Bar:
    threshold = answer.output.thresholds.get(name)
    return Bar(
        label=class_label(answer.output, name),
        share=share,
        text=percent(share) if threshold is None else percent_beside(share, threshold),
        chosen=name == (said or class_key(answer.value)),
        threshold=threshold,
        threshold_text=_threshold_sentence(answer.output, name, share, threshold) if threshold and name != said else "",
    )


def _threshold_sentence(output: Output, name: str, share: float, threshold: float) -> str:
    side = "at or above" if share >= threshold else "below"
    named = f"a threshold of {threshold_percent(threshold)} for {class_label(output, name)}"
    return f"The card sets {named}; this case is {side} it."


def input_rows(inputs: Instance | None, signature: Signature | None) -> list[tuple[str, str]]:
    """Return each input with its value in words, in the order of the form if the model is still available."""
    inputs = inputs or {}
    features = {feature.name: feature for feature in signature.shown} if signature else {}
    order = {name: feature_label(feature) for name, feature in features.items()}
    if order.keys() != inputs.keys():
        order = {name: order.get(name) or label(name) for name in inputs}
    return [(text, _with_all_digits(inputs[name], features.get(name))) for name, text in order.items()]


def _with_all_digits(value: Value, feature: Feature | None) -> str:
    """Write an input with all of its digits."""
    if isinstance(value, str) and (placeholder := placeholder_words(value)):
        return placeholder
    if feature and (value_label(feature, value) or value in options(feature)):
        return value_words(feature, value)
    return number(value, digits=15) if isinstance(value, float) else words(value)


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """One value in two predictions."""

    label: str
    before: str
    now: str

    @property
    def differs(self) -> bool:
        return self.before != self.now


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A prediction compared with the previous one, which it was edited from."""

    before: Prediction
    rows: tuple[ComparisonRow, ...]


def compare_predictions(before: Prediction, now: Prediction, signature: Signature | None) -> Comparison:
    """Compare the answers and inputs of two predictions of one model; inputs that differ come first."""
    inputs = dict(input_rows(before.inputs, signature)), dict(input_rows(now.inputs, signature))
    labels = dict.fromkeys([*inputs[1], *inputs[0]])
    rows = [
        ComparisonRow(label=label, before=inputs[0].get(label, "–"), now=inputs[1].get(label, "–")) for label in labels
    ]
    answers = [_answer_row(before, now, signature)]
    if before.version != now.version:
        answers.append(ComparisonRow(label="Version", before=before.version, now=now.version))
    return Comparison(before=before, rows=(*answers, *sorted(rows, key=lambda row: not row.differs)))


def _answer_row(before: Prediction, now: Prediction, signature: Signature | None) -> ComparisonRow:
    # A threshold of one version says nothing about the answer of another.
    if signature and (before.version, before.digest) != (now.version, now.digest):
        signature = without_report(signature)
    return ComparisonRow(label="Answer", before=_with_share(before, signature), now=_with_share(now, signature))


def _with_share(prediction: Prediction, signature: Signature | None) -> str:
    """Return the answer in a few words, with the probability of its class if there is one."""
    return ", ".join(filter(None, (short_answer(prediction, signature), share_beside(prediction, signature))))


def share_beside(prediction: Prediction, signature: Signature | None) -> str:
    """Write the probability of the class that was answered; empty if there is none, or if the short answer has it."""
    answers = _answers(prediction, signature)
    if len(answers) != 1 or not (shares := answers[0].shares):
        return ""
    own = class_key(answers[0].value)
    if own not in shares or headline_class(answers[0].output, answers[0].value, shares):
        return ""
    return percent(shares[own])


def short_answer(prediction: Prediction, signature: Signature | None = None) -> str:
    """Return the answer in a few words, for a list."""
    if prediction.answer is None:
        return "no answer"
    return ", ".join(each.headline(signature) for each in _answers(prediction, signature))
