"""What an estimator gives: its task, its outputs and their classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_clusterer, is_outlier_detector, is_regressor
from sklearn.ensemble import StackingClassifier
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.neighbors import KNeighborsRegressor

from webapp.helpers.values import as_value
from webapp.models.estimator.boosters import XGBoost, count_targets
from webapp.models.estimator.wrappers import last_step
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

    A classifier with several outputs has a list of class arrays, or one array that names the
    labels, each of which is given or not; a regressor tells how many outputs it has in one of
    several ways, or not at all, and is then taken to have one.
    """
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, list):
        return _outputs([_values(each) for each in classes])
    if classes is not None:
        each = _values(classes)
        if (count := _count_labels(last_step(estimator))) > 1:
            return _outputs([(0, 1)] * count)
        return _outputs([(0, 1)] * len(each) if _is_multilabel(last_step(estimator)) else [each])
    count = _count_targets(last_step(estimator)) if read_task(estimator) == "regression" else 1
    return _outputs([()] * max(count, 1))


def gives_probabilities(estimator: Any) -> bool:
    """Tell whether the estimator gives a probability for each class of each output."""
    last = last_step(estimator)
    # A stack with several outputs gives the probability of the first class of each only.
    half = isinstance(last, StackingClassifier) and isinstance(last.classes_, list)
    return hasattr(estimator, "predict_proba") and not half


def _outputs(classes: list[tuple[Any, ...]]) -> tuple[Output, ...]:
    if len(classes) == 1:
        return (Output(name="y", classes=classes[0]),)
    return tuple(Output(name=f"y{index}", classes=each) for index, each in enumerate(classes))


def _is_multilabel(classifier: Any) -> bool:
    binarizer = getattr(classifier, "label_binarizer_", None) or getattr(classifier, "_label_binarizer", None)
    return str(getattr(binarizer, "y_type_", "")).startswith("multilabel")


def _count_labels(classifier: Any) -> int:
    """Tell how many labels XGBoost gives at once, whose classes are then those of each."""
    return count_targets(classifier) if isinstance(classifier, XGBoost) else 1


def _count_targets(regressor: Any) -> int:
    if isinstance(regressor, MultiOutputRegressor | RegressorChain):
        return len(regressor.estimators_)
    if isinstance(regressor, XGBoost):
        return count_targets(regressor)
    if isinstance(regressor, KNeighborsRegressor):
        return int(np.size(regressor._y[0]))
    coefficients = getattr(regressor, "coef_", None)
    if isinstance(coefficients, np.ndarray) and coefficients.ndim == 2:
        return int(coefficients.shape[0])
    count = getattr(regressor, "n_outputs_", 1)
    return count if isinstance(count, int) else 1


def _values(classes: Any) -> tuple[Any, ...]:
    return tuple(as_value(each) for each in np.ravel(np.asarray(classes)))
