"""Turns the arrays that an estimator predicts into answers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from webapp.errors import PredictionFailed
from webapp.helpers.values import as_value
from webapp.types import Answer, Output, Signature


def read_answers(y: Any, proba: Any, signature: Signature) -> list[Answer]:
    """Return one answer for each row of what ``predict`` and ``predict_proba`` have returned.

    Raises
    ------
    PredictionFailed
        When a number is not finite.
    """
    y = _dense(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    read = as_value if signature.outputs[0].classes else _number
    predictions = [list(map(read, row)) if y.ndim > 1 else read(row) for row in y.tolist()]
    if not signature.probabilities:
        return [Answer(prediction=prediction) for prediction in predictions]
    shares = _shares(proba, signature)
    return [Answer(prediction=p, probabilities=s) for p, s in zip(predictions, shares, strict=True)]


def _dense(y: Any) -> np.ndarray[Any, Any]:
    # A classifier that was fitted on a sparse table of labels predicts one too.
    return np.asarray(y.toarray() if hasattr(y, "toarray") else y)


def _shares(proba: Any, signature: Signature) -> list[Any]:
    """Return the probability of each class for each row, or a list of such for several outputs."""
    if not signature.multi_output:
        (proba,) = proba if isinstance(proba, list) else [proba]
        return _by_class(np.asarray(proba), signature.outputs[0])
    if not isinstance(proba, list):
        # Then there is one column for each label: the probability that the label applies.
        proba = [np.column_stack([1 - share, share]) for share in _dense(proba).T]
    by_output = [_by_class(np.asarray(p), output) for p, output in zip(proba, signature.outputs, strict=True)]
    return [list(row) for row in zip(*by_output, strict=True)]


def _by_class(proba: np.ndarray[Any, Any], output: Output) -> list[dict[str, float]]:
    names = [str(name) for name in output.classes] or [str(i) for i in range(proba.shape[1])]
    return [dict(zip(names, map(_finite, row), strict=True)) for row in proba.tolist()]


def _number(value: Any) -> Any:
    return _finite(value) if isinstance(value, float) else as_value(value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise PredictionFailed("The model's answer for this input is not a finite number. The failure is recorded.")
    return value
