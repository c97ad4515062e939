"""A prediction as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.helpers.formatting import feature_label, label, number, percent, words
from webapp.helpers.records.redaction import mark_words
from webapp.types import Instance, Prediction, Signature, Task, Value


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One class and its probability."""

    label: str
    share: float
    text: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Result:
    """One output of a prediction: the answer in words and the bars of its classes."""

    name: str
    text: str
    bars: tuple[Bar, ...]


#: What a detector of outliers means by its numbers.
VERDICTS = {1: "typical", -1: "unusual"}


def results(prediction: Prediction, task: Task | None = None) -> tuple[Result, ...]:
    """Give the outputs of a prediction in order; none if there was no answer."""
    answer = prediction.answer
    if answer is None:
        return ()
    if not isinstance(answer.prediction, list):
        return (_result("", _meant(answer.prediction, task), answer.probabilities),)
    shares = answer.probabilities if isinstance(answer.probabilities, list) else []
    padded = shares + [None] * len(answer.prediction)
    return tuple(
        _result(f"y{index}", value, share)
        for index, (value, share) in enumerate(zip(answer.prediction, padded, strict=False))
    )


def _meant(value: Any, task: Task | None) -> Any:
    return VERDICTS.get(value, value) if task == "outlier detection" and isinstance(value, int) else value


def _result(name: str, value: Any, shares: Mapping[str, float] | None) -> Result:
    ranked = sorted((shares or {}).items(), key=lambda pair: -pair[1])
    bars = tuple(Bar(label=each, share=share, text=percent(share), chosen=each == str(value)) for each, share in ranked)
    return Result(name=name, text=str(value) if shares else words(value), bars=bars)


def input_rows(inputs: Instance | None, signature: Signature | None) -> list[tuple[str, str]]:
    """Give each input with its value in words, in the order of the form if the model is still served."""
    inputs = inputs or {}
    order = {feature.name: feature_label(feature) for feature in signature.shown} if signature else {}
    if order.keys() != inputs.keys():
        order = {name: order.get(name) or label(name) for name in inputs}
    return [(text, _exactly(inputs[name])) for name, text in order.items()]


def _exactly(value: Value) -> str:
    """Write an input with all the digits that were typed."""
    if isinstance(value, str):
        return mark_words(value) or value
    return number(value, digits=15) if isinstance(value, float) else words(value)


@dataclass(frozen=True, kw_only=True)
class BesideRow:
    """One line of two predictions side by side."""

    label: str
    before: str
    now: str

    @property
    def differs(self) -> bool:
        return self.before != self.now


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A prediction beside the one that it was changed from."""

    before: Prediction
    rows: tuple[BesideRow, ...]


def compare_predictions(before: Prediction, now: Prediction, signature: Signature | None) -> Comparison:
    """Put the answers and inputs of two predictions of one model side by side, those that differ first."""
    inputs = dict(input_rows(before.inputs, signature)), dict(input_rows(now.inputs, signature))
    labels = dict.fromkeys([*inputs[1], *inputs[0]])
    rows = [BesideRow(label=label, before=inputs[0].get(label, "–"), now=inputs[1].get(label, "–")) for label in labels]
    answers = [_answer_row(before, now, signature.task if signature else None)]
    if before.version != now.version:
        answers.append(BesideRow(label="Version", before=before.version, now=now.version))
    return Comparison(before=before, rows=(*answers, *sorted(rows, key=lambda row: not row.differs)))


def _answer_row(before: Prediction, now: Prediction, task: Task | None) -> BesideRow:
    return BesideRow(label="Answer", before=_with_share(before, task), now=_with_share(now, task))


def _with_share(prediction: Prediction, task: Task | None) -> str:
    """Give the answer in a few words with the probability of its class, if there is one of either."""
    shares = prediction.answer.probabilities if prediction.answer else None
    chosen = shares.get(str(prediction.answer.prediction)) if prediction.answer and isinstance(shares, dict) else None
    short = in_short(prediction, task)
    return short if chosen is None else f"{short}, {percent(chosen)}"


def in_short(prediction: Prediction, task: Task | None = None) -> str:
    """Give the answer in a few words, for a list."""
    if prediction.answer is None:
        return "no answer"
    value = _meant(prediction.answer.prediction, task)
    return ", ".join(map(words, value)) if isinstance(value, list) else words(value)
