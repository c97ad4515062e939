"""The export of a whole estimator."""

from __future__ import annotations

import math
from typing import Any

from sklearn.pipeline import Pipeline

from webapp.cell.compiled.composites import chain
from webapp.cell.compiled.registry import export_prediction, require_numbers
from webapp.cell.estimator.newer_types import IS_ANOTHER_VERSION
from webapp.cell.estimator.wrappers import unwrapped
from webapp.models.compiled import NotCompilable, PlanData, PlanInvalid, read_plan
from webapp.models.compiled.labels import write_label
from webapp.types import Signature


def export_plan(estimator: Any, signature: Signature) -> PlanData:
    """Export a fitted estimator as the data of a plan, which can be read.

    Raises
    ------
    NotCompilable
    """
    if IS_ANOTHER_VERSION:
        raise NotCompilable("it was made for another scikit-learn")
    if signature.layout in ("texts", "dicts"):
        raise NotCompilable(f"it reads {signature.layout}")
    features = {feature.name: feature for feature in signature.features}
    names = _columns(estimator, signature)
    # A column that no step uses is not in the signature; its values have no effect.
    numeric = tuple(name not in features or features[name].kind in ("number", "integer") for name in names)
    steps, last = _unfold(estimator)
    step = chain(steps, numeric)
    require_numbers(last, step.numeric)
    data = PlanData(
        {
            "names": names,
            "numeric": numeric,
            "blanks": [write_label(features[name].missing if name in features else math.nan) for name in names],
            "steps": step.operations,
            "prediction": export_prediction(last, len(step.numeric)),
        }
    )
    try:
        read_plan(data.to_bytes())
    except PlanInvalid as error:
        raise NotCompilable(f"its compiled form can't be read: {error}") from None
    return data


def _columns(estimator: Any, signature: Signature) -> tuple[str, ...]:
    names = getattr(estimator, "feature_names_in_", None) if signature.layout == "frame" else None
    return tuple(map(str, names)) if names is not None else tuple(feature.name for feature in signature.features)


def _unfold(estimator: Any) -> tuple[list[Any], Any]:
    """Return the transformers of an estimator in their order, and its predictor."""
    inner = unwrapped(estimator)
    if type(estimator) is Pipeline:
        steps, last = _unfold(estimator.steps[-1][1])
        return [step for _, step in estimator.steps[:-1]] + steps, last
    if inner is estimator or type(estimator).__name__ not in ("FrozenEstimator", "GridSearchCV", "RandomizedSearchCV"):
        return [], estimator
    return _unfold(inner)
