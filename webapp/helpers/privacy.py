"""Which parts of an estimator keep rows of the data they were fitted on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.base import BaseEstimator

#: Attributes that hold training rows, or values so near to them that they could be told.
ROWS = frozenset({"_fit_X", "X_train_", "X_fit_", "support_vectors_", "_X_fit", "_training_data"})
MAX_DEPTH = 8


def keeps_rows(estimator: Any) -> list[str]:
    """Name the kinds of parts that keep training rows, each once."""
    return sorted({type(part).__name__ for part in _parts(estimator) if ROWS & set(vars(part))})


def _parts(value: Any, depth: int = 0) -> Iterator[BaseEstimator]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, BaseEstimator):
        yield value
        inside: Any = vars(value).values()
    elif isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, list | tuple):
        inside = value
    else:
        return
    for each in inside:
        yield from _parts(each, depth + 1)
