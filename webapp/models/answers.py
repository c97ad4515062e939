"""Turns the arrays that an estimator predicts into answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.errors import PredictionFailed
from webapp.helpers.values import as_value
from webapp.types import Answer, Output, Signature

Block = np.ndarray[Any, Any]


def read_answers(y: Any, proba: Any, signature: Signature) -> list[Answer]:
    """Return one answer for each row of what ``predict`` and ``predict_proba`` have returned.

    Raises
    ------
    PredictionFailed
        When a number is not finite.
    """
    y = flat(y)
    read = as_value if signature.outputs[0].classes else _number
    predictions = [list(map(read, row)) if y.ndim > 1 else read(row) for row in y.tolist()]
    return with_shares(predictions, by_output(proba, signature) if signature.probabilities else [], signature)


def with_shares(predictions: Sequence[Any], proba: Sequence[Block], signature: Signature) -> list[Answer]:
    """Return answers from predictions and the probabilities of each output, which are empty if there are none.

    Raises
    ------
    PredictionFailed
        When a probability is not finite.
    """
    if not signature.probabilities:
        return [Answer(prediction=prediction) for prediction in predictions]
    outputs = [_by_class(share, output) for share, output in zip(proba, signature.outputs, strict=True)]
    shares = map(list, zip(*outputs, strict=True)) if signature.multi_output else outputs[0]
    return [Answer(prediction=p, probabilities=s) for p, s in zip(predictions, shares, strict=True)]


def flat(y: Any) -> Block:
    """Return what ``predict`` has returned as an array with a column for each output, or without columns for one."""
    block = _dense(y)
    return block[:, 0] if block.ndim == 2 and block.shape[1] == 1 else block


def by_output(proba: Any, signature: Signature) -> list[Block]:
    """Return what ``predict_proba`` has returned as one array of rows and classes for each output."""
    if not signature.multi_output:
        (proba,) = proba if isinstance(proba, list) else [proba]
        return [np.asarray(proba)]
    if not isinstance(proba, list):
        # Then there is one column for each label: the probability that the label applies.
        return [np.column_stack([1 - share, share]) for share in _dense(proba).T]
    return [np.asarray(share) for share in proba]


def _dense(y: Any) -> Block:
    # A classifier that was fitted on a sparse table of labels predicts one too.
    return np.asarray(y.toarray() if hasattr(y, "toarray") else y)


def _by_class(proba: Block, output: Output) -> list[dict[str, float]]:
    names = [str(name) for name in output.classes] or [str(i) for i in range(proba.shape[1])]
    return [dict(zip(names, map(finite, row), strict=True)) for row in proba.tolist()]


def _number(value: Any) -> Any:
    return finite(value) if isinstance(value, float) else as_value(value)


def finite(value: float) -> float:
    """Return a number that is finite.

    Raises
    ------
    PredictionFailed
        When it is not.
    """
    if not math.isfinite(value):
        raise PredictionFailed("The model's answer for this input is not a finite number. The failure is recorded.")
    return value
