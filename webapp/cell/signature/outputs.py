"""What an estimator predicts: its task, its outputs and their classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_outlier_detector, is_regressor
from sklearn.ensemble import StackingClassifier
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline

from webapp.cell.estimator.boosters import XGBoost, count_targets
from webapp.cell.estimator.newer_types import FixedThresholdClassifier, TunedThresholdClassifierCV, is_clusterer
from webapp.cell.estimator.wrappers import last_step, unwrapped
from webapp.helpers.values import as_value
from webapp.types import Output, Task, Threshold


def read_task(estimator: Any) -> Task:
    """Return the task of the estimator."""
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
            # An estimator from another library may have no tags; then its classes decide.
            break
    return "classification" if hasattr(estimator, "classes_") else "prediction"


def read_outputs(estimator: Any) -> tuple[Output, ...]:
    """Read the outputs, with their classes if they have any.

    A classifier with several outputs has either a list of class arrays, or one array of labels, each of
    which applies or not. A regressor shows its number of outputs in one of several attributes; if it has
    none of them, one output is assumed.
    """
    classes = getattr(estimator, "classes_", None)
    if isinstance(classes, list):
        return _outputs([_values(of_output) for of_output in classes])
    if classes is not None:
        values = _values(classes)
        if (count := _count_labels(last_step(estimator))) > 1:
            return _outputs([(0, 1)] * count)
        return _outputs([(0, 1)] * len(values) if _is_multilabel(last_step(estimator)) else [values])
    count = _count_targets(last_step(estimator)) if read_task(estimator) == "regression" else 1
    return _outputs([()] * max(count, 1))


def read_threshold(estimator: Any) -> Threshold | None:
    """Return the threshold of a classifier, if one was chosen after it was fitted."""
    if isinstance(estimator, Pipeline):
        return read_threshold(estimator.steps[-1][1])
    if not isinstance(estimator, FixedThresholdClassifier | TunedThresholdClassifierCV):
        inner = unwrapped(estimator)
        return None if inner is estimator else read_threshold(inner)
    # scikit-learn takes probabilities where there are some.
    gives = estimator.response_method != "decision_function" and hasattr(estimator.estimator_, "predict_proba")
    if isinstance(estimator, TunedThresholdClassifierCV):
        value, label = estimator.best_threshold_, estimator._curve_scorer._get_pos_label()
    else:
        value, label = estimator.threshold, estimator.pos_label
    if value == "auto":
        value = 0.5 if gives else 0.0
    classes = _values(estimator.classes_)
    return Threshold(
        label=classes[1] if label is None else as_value(label),
        value=float(value),
        of="probability" if gives else "score",
    )


def gives_probabilities(estimator: Any) -> bool:
    """Return whether the estimator gives a probability for each class of each output."""
    last = last_step(estimator)
    # A stack with several outputs gives only the probability of each output's first class.
    is_incomplete = isinstance(last, StackingClassifier) and isinstance(last.classes_, list)
    return hasattr(estimator, "predict_proba") and not is_incomplete


def _outputs(classes: list[tuple[Any, ...]]) -> tuple[Output, ...]:
    if len(classes) == 1:
        return (Output(name="y", classes=classes[0]),)
    return tuple(Output(name=f"y{index}", classes=each) for index, each in enumerate(classes))


def _is_multilabel(classifier: Any) -> bool:
    binarizer = getattr(classifier, "label_binarizer_", None) or getattr(classifier, "_label_binarizer", None)
    return str(getattr(binarizer, "y_type_", "")).startswith("multilabel")


def _count_labels(classifier: Any) -> int:
    """Return how many labels XGBoost predicts at once; classes_ then holds the classes of each label."""
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
