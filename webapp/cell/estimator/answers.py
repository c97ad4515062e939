"""Calls a fitted estimator."""

from __future__ import annotations

from typing import Any

from webapp.models.answers import read_answers
from webapp.types import Answer, Signature


def predict_answers(estimator: Any, X: Any, signature: Signature) -> list[Answer]:
    """Predict ``X`` and return one answer for each of its rows.

    Raises
    ------
    PredictionFailed
        When a number in an answer is not finite, which neither JSON nor a person can read.
    """
    y, proba = predict_arrays(estimator, X, signature)
    return read_answers(y, proba, signature)


def predict_arrays(estimator: Any, X: Any, signature: Signature) -> tuple[Any, Any]:
    """Return what ``predict`` and, where the signature has probabilities, ``predict_proba`` return."""
    proba = estimator.predict_proba(X) if signature.probabilities else None
    return estimator.predict(X), proba
