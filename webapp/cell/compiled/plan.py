"""The plan: everything between instances and predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from webapp.cell.compiled.composites import chain
from webapp.cell.compiled.registry import (
    Block,
    NotCompilable,
    Prediction,
    Transform,
    compile_prediction,
    require_numbers,
)
from webapp.cell.estimator.wrappers import unwrapped
from webapp.types import Instance, Signature, Value


@dataclass(frozen=True)
class Plan:
    """Predicts instead of an estimator."""

    #: The columns in the estimator's order, and the value that represents a blank in each.
    names: tuple[str, ...]
    blanks: tuple[Value, ...]
    dtype: type
    transform: Transform
    prediction: Prediction

    def predict(self, instances: Sequence[Instance]) -> tuple[Block, Any]:
        """Return what ``predict`` and ``predict_proba`` of the estimator would return.

        Raises
        ------
        Unsure
            When the estimator itself must predict these instances.
        """
        rows = [[instance.get(name) for name in self.names] for instance in instances]
        if self.dtype is object:
            for row in rows:
                if None in row:
                    row[:] = [blank if value is None else value for value, blank in zip(row, self.blanks, strict=True)]
        # NumPy turns None into NaN in an array of floats.
        return self.prediction.predict(self.transform(np.array(rows, dtype=self.dtype)))


def compile_estimator(estimator: Any, signature: Signature) -> Plan:
    """Compile a fitted estimator into a plan.

    Raises
    ------
    NotCompilable
    """
    if signature.layout == "texts":
        raise NotCompilable("it reads texts")
    features = {feature.name: feature for feature in signature.features}
    names = _columns(estimator, signature)
    # A column that no step uses is not in the signature; its values have no effect.
    numeric = tuple(name not in features or features[name].kind in ("number", "integer") for name in names)
    steps, last = _unfold(estimator)
    step = chain(steps, numeric)
    require_numbers(last, step.numeric)
    return Plan(
        names=names,
        blanks=tuple(features[name].missing if name in features else math.nan for name in names),
        dtype=float if all(numeric) else object,
        transform=step.transform,
        prediction=compile_prediction(last, len(step.numeric)),
    )


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
