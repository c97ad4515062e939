"""Which parts of an estimator keep rows of the data they were fitted on."""

from __future__ import annotations

from typing import Any

from webapp.models.estimator.nested import nested_estimators

#: Attributes that hold training rows, or values so near to them that they could be told.
ROWS = frozenset({"_fit_X", "X_train_", "X_fit_", "support_vectors_", "_X_fit", "_training_data"})


def parts_with_training_rows(estimator: Any) -> list[str]:
    """Name the kinds of parts that keep training rows, each once."""
    return sorted({type(part).__name__ for part in nested_estimators(estimator) if ROWS & set(vars(part))})
