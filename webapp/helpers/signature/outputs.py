"""What an estimator gives: its task, its outputs and their classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor

from webapp.helpers.signature.columns import as_value
from webapp.types import Output, Task


def read_task(estimator: Any) -> Task:
    """Name what kind of answer the estimator gives."""
    kinds: tuple[tuple[Any, Task], ...] = (
        (is_classifier, "classification"),
        (is_regressor, "regression"),
        (is_outlier_detector, "outlier detection"),
        (is_clusterer, "clustering"),
    )
    for is_kind, task in kinds:
        try:
            if is_kind(estimator):
                return task
        except (AttributeError, TypeError, ValueError):
            # An estimator that isn't scikit-learn's may have no tags; then its classes tell.
            break
    return "classification" if hasattr(estimator, "classes_") else "prediction"


def read_outputs(estimator: Any) -> tuple[Output, ...]:
    """Read the outputs, with their classes if they have any.

    A classifier with several outputs has a list of class arrays; a regressor tells how many
    outputs it has in one of several ways, or not at all, and is then taken to have one.
    """
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, list):
        return tuple(Output(name=f"y{i}", classes=_values(each)) for i, each in enumerate(classes))
    if classes is not None:
        return (Output(name="y", classes=_values(classes)),)
    count = getattr(estimator, "n_outputs_", 1)
    coefficients = getattr(estimator, "coef_", None)
    if read_task(estimator) == "regression" and isinstance(coefficients, np.ndarray) and coefficients.ndim == 2:
        count = coefficients.shape[0]
    if not isinstance(count, int) or count < 2:
        return (Output(name="y"),)
    return tuple(Output(name=f"y{i}") for i in range(count))


def _values(classes: Any) -> tuple[Any, ...]:
    return tuple(as_value(each) for each in np.ravel(np.asarray(classes)))
