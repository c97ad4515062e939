"""Gradient boosting and histogram gradient boosting."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from webapp.cell.compiled.forests import nodes_of
from webapp.cell.compiled.links import link_of
from webapp.cell.compiled.nodes import Nodes, export_grove
from webapp.cell.compiled.registry import Operation, as_floats, prediction_for
from webapp.models.compiled.labels import write_label
from webapp.models.compiled.refusals import NotCompilable


@prediction_for(HistGradientBoostingClassifier)
def _(model: Any, columns: int) -> Operation:
    return _classification(model, _hist_scores(model, columns), zero_is_second=False)


@prediction_for(HistGradientBoostingRegressor)
def _(model: Any, columns: int) -> Operation:
    scores, link = _hist_scores(model, columns), link_of(model._loss)
    return {"operation": "boosted number", **scores, "link": link}


@prediction_for(GradientBoostingClassifier)
def _(model: Any, columns: int) -> Operation:
    return _classification(model, _scores(model, columns), zero_is_second=True)


@prediction_for(GradientBoostingRegressor)
def _(model: Any, columns: int) -> Operation:
    return {"operation": "boosted number", **_scores(model, columns), "link": "identity"}


def _classification(model: Any, scores: Operation, *, zero_is_second: bool) -> Operation:
    return {
        "operation": "boosted class",
        **scores,
        "classes": list(map(write_label, model.classes_)),
        "link": link_of(model._loss),
        "zero is second": zero_is_second,
    }


def _scores(model: Any, columns: int) -> Operation:
    is_simple = type(model.init_) in (DummyClassifier, DummyRegressor) and model.init_.strategy != "stratified"
    if not is_simple and model.init_ != "zero":
        raise NotCompilable("gradient boosting starts from a custom estimator (init)")
    trees = [member.tree_ for member in model.estimators_.ravel()]
    return {
        "initial": as_floats(model._raw_predict_init(np.zeros((1, columns), dtype=np.float32))[0]),
        "grove": export_grove(list(map(nodes_of, trees))),
        # scikit-learn multiplies while it adds, with the same result.
        "values": model.learning_rate * np.concatenate([tree.value[:, 0, 0] for tree in trees]),
        "32 bits": True,
    }


def _hist_scores(model: Any, columns: int) -> Operation:
    trees = [predictor.nodes for iteration in model._predictors for predictor in iteration]
    uses_categories = model._preprocessor is not None or any(nodes["is_categorical"].any() for nodes in trees)
    if model.n_features_in_ != columns or uses_categories:
        raise NotCompilable("histogram gradient boosting encodes categories itself")
    return {
        "initial": as_floats(model._baseline_prediction).ravel(),
        "grove": export_grove(list(map(_nodes, trees))),
        "values": as_floats(np.concatenate([nodes["value"] for nodes in trees])),
        "32 bits": False,
    }


def _nodes(nodes: Any) -> Nodes:
    return Nodes(
        feature=nodes["feature_idx"],
        threshold=nodes["num_threshold"],
        left=nodes["left"],
        right=nodes["right"],
        is_leaf=nodes["is_leaf"],
        depth=int(nodes["depth"].max()),
        missing_left=nodes["missing_go_to_left"],
    )
