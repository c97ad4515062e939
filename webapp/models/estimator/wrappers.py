"""Looking into estimators that hand X on unchanged to another one, which does the work."""

from __future__ import annotations

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.pipeline import Pipeline

#: Where each keeps the estimator that it hands X to.
HOLDERS: dict[type, str] = {
    FixedThresholdClassifier: "estimator_",
    FrozenEstimator: "estimator",
    GridSearchCV: "best_estimator_",
    RandomizedSearchCV: "best_estimator_",
    TransformedTargetRegressor: "regressor_",
    TunedThresholdClassifierCV: "estimator_",
}


def unwrapped(holder: Any) -> Any:
    """Give the estimator that a holder hands X to, or the estimator itself if it is no holder."""
    return next((getattr(holder, place) for kind, place in HOLDERS.items() if isinstance(holder, kind)), holder)


def first_step(estimator: Any) -> Any:
    """Find the step that sees X first."""
    if isinstance(estimator, Pipeline):
        return first_step(estimator.steps[0][1])
    if isinstance(estimator, CalibratedClassifierCV):
        return first_step(estimator.calibrated_classifiers_[0].estimator)
    held = unwrapped(estimator)
    return estimator if held is estimator else first_step(held)


def last_step(estimator: Any) -> Any:
    """Find the step that predicts."""
    if isinstance(estimator, Pipeline):
        return last_step(estimator.steps[-1][1])
    held = unwrapped(estimator)
    return estimator if held is estimator else last_step(held)
