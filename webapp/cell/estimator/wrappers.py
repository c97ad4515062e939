"""Looks inside estimators that pass X unchanged to another one, which does the work."""

from __future__ import annotations

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline

from webapp.cell.estimator.newer_types import FixedThresholdClassifier, FrozenEstimator, TunedThresholdClassifierCV

#: The wrappers, each with the attribute in which it keeps the other estimator.
WRAPPERS: dict[type, str] = {
    FixedThresholdClassifier: "estimator_",
    FrozenEstimator: "estimator",
    GridSearchCV: "best_estimator_",
    RandomizedSearchCV: "best_estimator_",
    TransformedTargetRegressor: "regressor_",
    TunedThresholdClassifierCV: "estimator_",
}


def unwrapped(estimator: Any) -> Any:
    """Return the estimator that a wrapper passes X to, or the estimator itself if it is not a wrapper."""
    inner = (getattr(estimator, name) for kind, name in WRAPPERS.items() if isinstance(estimator, kind))
    return next(inner, estimator)


def first_step(estimator: Any) -> Any:
    """Return the step that sees X first."""
    if isinstance(estimator, Pipeline):
        return first_step(estimator.steps[0][1])
    if isinstance(estimator, CalibratedClassifierCV):
        return first_step(estimator.calibrated_classifiers_[0].estimator)
    inner = unwrapped(estimator)
    return estimator if inner is estimator else first_step(inner)


def last_step(estimator: Any) -> Any:
    """Return the step that predicts."""
    if isinstance(estimator, Pipeline):
        return last_step(estimator.steps[-1][1])
    inner = unwrapped(estimator)
    return estimator if inner is estimator else last_step(inner)
