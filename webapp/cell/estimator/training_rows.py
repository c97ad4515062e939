"""Finds the parts of an estimator that keep rows of the data they were fitted on."""

from __future__ import annotations

from typing import Any

from webapp.cell.estimator.nested import nested_estimators

#: Attributes that hold training rows, or values from which these could be worked out.
ROW_ATTRIBUTES = frozenset({"_fit_X", "X_train_", "X_fit_", "support_vectors_", "_X_fit", "_training_data"})


def parts_with_training_rows(estimator: Any) -> list[str]:
    """Return the class names of the parts that keep training rows, each once."""
    return sorted({type(part).__name__ for part in nested_estimators(estimator) if ROW_ATTRIBUTES & set(vars(part))})
