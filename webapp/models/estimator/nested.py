"""The estimators that a fitted estimator is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

MAX_DEPTH = 12


def nested_estimators(estimator: Any) -> Iterator[BaseEstimator]:
    """Give an estimator and all that are inside it, fitted and unfitted ones, each once."""
    yield from _parts(estimator, set(), 0)


def _parts(value: Any, seen: set[int], depth: int) -> Iterator[BaseEstimator]:
    if depth > MAX_DEPTH or id(value) in seen:
        return
    inside: Any = ()
    if isinstance(value, BaseEstimator):
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
    for each in inside:
        yield from _parts(each, seen, depth + 1)
