"""Looks inside estimators that pass X unchanged to another one, which does the work."""

from __future__ import annotations

from typing import Any

from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.model_selection._search import BaseSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from webapp.cell.estimator.newer_types import FixedThresholdClassifier, FrozenEstimator, TunedThresholdClassifierCV

#: The wrappers, each with the attribute in which it keeps the other estimator.
WRAPPERS: dict[type, str] = {
    FixedThresholdClassifier: "estimator_",
    FrozenEstimator: "estimator",
    BaseSearchCV: "best_estimator_",
    TransformedTargetRegressor: "regressor_",
    TunedThresholdClassifierCV: "estimator_",
}
#: Estimators that pass X unchanged to each of several others, which they keep in ``estimators_``.
SIDE_BY_SIDE = (
    MultiOutputClassifier,
    MultiOutputRegressor,
    OneVsRestClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)


def unwrapped(estimator: Any) -> Any:
    """Return the estimator that a wrapper passes X to, or the estimator itself if it is not a wrapper."""
    inner = (getattr(estimator, name) for kind, name in WRAPPERS.items() if isinstance(estimator, kind))
    return next(inner, estimator)


def first_steps(estimator: Any) -> list[Any]:
    """Return the steps that see X first: several, where parts of the estimator work side by side."""
    if isinstance(estimator, Pipeline):
        steps = [step for _, step in estimator.steps]
        return first_steps(next((step for step in steps if not _passes_on(step)), steps[-1]))
    if isinstance(estimator, CalibratedClassifierCV):
        parts = [part.estimator for part in estimator.calibrated_classifiers_]
    elif isinstance(estimator, FeatureUnion):
        parts = [part for _, part in estimator.transformer_list if not isinstance(part, str)]
    elif isinstance(estimator, SIDE_BY_SIDE):
        parts = [part for part in estimator.estimators_ if not isinstance(part, str)]
    else:
        inner = unwrapped(estimator)
        return [estimator] if inner is estimator else first_steps(inner)
    return [step for part in parts for step in first_steps(part)]


def _passes_on(step: Any) -> bool:
    return step is None or step == "passthrough" or (isinstance(step, FunctionTransformer) and step.func is None)


def last_step(estimator: Any) -> Any:
    """Return the step that predicts."""
    if isinstance(estimator, Pipeline):
        return last_step(estimator.steps[-1][1])
    inner = unwrapped(estimator)
    return estimator if inner is estimator else last_step(inner)
