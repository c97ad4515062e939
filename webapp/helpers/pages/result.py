"""Predictions in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.helpers.feature_words import options, value_words
from webapp.helpers.formatting import feature_label, label, number, percent, words
from webapp.helpers.records.redaction import placeholder_words
from webapp.types import Feature, Instance, Prediction, Signature, Task, Value


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One class and its probability."""

    label: str
    share: float
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Result:
    """One output of a prediction: the answer in words, and a bar for each class."""

    name: str
    text: str
    bars: tuple[Bar, ...]


#: Meaning of the numbers that an outlier detector predicts.
OUTLIER_WORDS = {1: "typical", -1: "unusual"}


def results(prediction: Prediction, task: Task | None = None) -> tuple[Result, ...]:
    """Return the outputs of a prediction in their order; empty without an answer."""
    answer = prediction.answer
    if answer is None:
        return ()
    if not isinstance(answer.prediction, list):
        return (_result("", _interpreted(answer.prediction, task), answer.probabilities),)
    shares = answer.probabilities if isinstance(answer.probabilities, list) else []
    padded = shares + [None] * len(answer.prediction)
    return tuple(
        _result(f"y{index}", value, share)
        for index, (value, share) in enumerate(zip(answer.prediction, padded, strict=False))
    )


def _interpreted(value: Any, task: Task | None) -> Any:
    return OUTLIER_WORDS.get(value, value) if task == "outlier detection" and isinstance(value, int) else value


def _result(name: str, value: Any, shares: Mapping[str, float] | None) -> Result:
    ranked = sorted((shares or {}).items(), key=lambda pair: -pair[1])
    bars = tuple(Bar(label=name, share=share, text=percent(share), chosen=name == str(value)) for name, share in ranked)
    return Result(name=name, text=str(value) if shares else words(value), bars=bars)


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
    if isinstance(value, str):
        return placeholder_words(value) or value
    if feature and value in options(feature):
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
    answers = [_answer_row(before, now, signature.task if signature else None)]
    if before.version != now.version:
        answers.append(ComparisonRow(label="Version", before=before.version, now=now.version))
    return Comparison(before=before, rows=(*answers, *sorted(rows, key=lambda row: not row.differs)))


def _answer_row(before: Prediction, now: Prediction, task: Task | None) -> ComparisonRow:
    return ComparisonRow(label="Answer", before=_with_share(before, task), now=_with_share(now, task))


def _with_share(prediction: Prediction, task: Task | None) -> str:
    """Return the answer in a few words, with the probability of its class if there is one."""
    shares = prediction.answer.probabilities if prediction.answer else None
    share = shares.get(str(prediction.answer.prediction)) if prediction.answer and isinstance(shares, dict) else None
    text = short_answer(prediction, task)
    return text if share is None else f"{text}, {percent(share)}"


def short_answer(prediction: Prediction, task: Task | None = None) -> str:
    """Return the answer in a few words, for a list."""
    if prediction.answer is None:
        return "no answer"
    value = _interpreted(prediction.answer.prediction, task)
    return ", ".join(map(words, value)) if isinstance(value, list) else words(value)
