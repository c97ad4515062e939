"""The estimators that a fitted estimator consists of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from webapp.cell.estimator.boosters import CatBoost

MAX_DEPTH = 12


def nested_estimators(estimator: Any) -> Iterator[BaseEstimator]:
    """Yield an estimator and all estimators inside it, fitted and unfitted, each once."""
    yield from _walk(estimator, set(), 0)


def _walk(value: Any, seen: set[int], depth: int) -> Iterator[BaseEstimator]:
    if depth > MAX_DEPTH or id(value) in seen:
        return
    inside: Any = ()
    # CatBoost's estimators do not inherit from it.
    if isinstance(value, BaseEstimator | CatBoost):
        yield value
        inside = vars(value).values()
    elif isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list | tuple):
        inside = value
    elif isinstance(value, np.ndarray) and value.dtype.hasobject:
        # Gradient boosting keeps its trees in an array.
        inside = value.ravel()
    else:
        return
    seen.add(id(value))
    for part in inside:
        yield from _walk(part, seen, depth + 1)
