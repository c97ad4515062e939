"""Gradient boosting, both kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)

from webapp.models.compiled.registry import Block, NotCompilable, Prediction, Unsure, prediction_for
from webapp.models.compiled.traversal import MAX_NODES, Grove, Nodes

#: Up to so many rows all trees are gone down at once; beyond, one tree after the other is faster.
FEW_ROWS = 64

Raw = Callable[[Block], Block]


@prediction_for(HistGradientBoostingClassifier)
def _(model: Any, columns: int) -> Prediction:
    raw, classes, share = _hist_raw(model, columns), model.classes_, model._loss.predict_proba

    def predict(X: Block) -> tuple[Block, Any]:
        found = raw(X)
        chosen = (found.ravel() > 0).astype(int) if found.shape[1] == 1 else found.argmax(axis=1)
        return classes[chosen], share(found)

    return Prediction(predict, exact=True)


@prediction_for(HistGradientBoostingRegressor)
def _(model: Any, columns: int) -> Prediction:
    raw, inverse = _hist_raw(model, columns), model._loss.link.inverse
    return Prediction(lambda X: (inverse(raw(X).ravel()), None), exact=True)


@prediction_for(GradientBoostingClassifier)
def _(model: Any, columns: int) -> Prediction:
    raw, classes, share = _raw(model, columns), model.classes_, model._loss.predict_proba

    def predict(X: Block) -> tuple[Block, Any]:
        found = raw(X)
        if found.shape[1] == 1:
            found = found.ravel()
            return classes[(found >= 0).astype(int)], share(found)
        return classes[found.argmax(axis=1)], share(found)

    return Prediction(predict, exact=True)


@prediction_for(GradientBoostingRegressor)
def _(model: Any, columns: int) -> Prediction:
    raw = _raw(model, columns)
    return Prediction(lambda X: (raw(X).ravel(), None), exact=True)


def _raw(model: Any, columns: int) -> Raw:
    simple = type(model.init_) in (DummyClassifier, DummyRegressor) and model.init_.strategy != "stratified"
    if not simple and model.init_ != "zero":
        raise NotCompilable("gradient boosting begins with an estimator of its own")
    # A private name: where it is gone, boosting is not compiled, and the service starts nevertheless.
    from sklearn.ensemble._gradient_boosting import predict_stages

    trees, rate = model.estimators_, model.learning_rate
    first = model._raw_predict_init(np.zeros((1, columns), dtype=np.float32))

    def raw(X: Block) -> Block:
        with np.errstate(over="ignore"):
            narrow = np.ascontiguousarray(X, dtype=np.float32)
        if not np.isfinite(narrow).all():
            raise Unsure
        found: Block = np.repeat(first, len(narrow), axis=0)
        predict_stages(trees, narrow, rate, found)
        return found

    return raw


def _hist_raw(model: Any, columns: int) -> Raw:
    if model.n_features_in_ != columns or model._preprocessor is not None:
        raise NotCompilable("histogram gradient boosting encodes categories itself")
    predictors = model._predictors
    bitsets, places = model._bin_mapper.make_known_categories_bitsets()
    grove, values = _grove(predictors)
    baseline = np.asarray(model._baseline_prediction, dtype=float).reshape(1, 1, -1)
    outputs = baseline.shape[2]

    def raw(X: Block) -> Block:
        if np.isinf(X).any():
            raise Unsure
        if grove is not None and len(X) <= FEW_ROWS:
            said = values.take(grove.leaves(X)).reshape(-1, outputs, len(X)).transpose(0, 2, 1)
            # One after the other, as scikit-learn adds them up, so that the bits are the same.
            begin = np.broadcast_to(baseline, (1, len(X), outputs))
            return np.asarray(np.cumsum(np.concatenate([begin, said]), axis=0)[-1])
        found = np.zeros((len(X), outputs), order="F")
        found += baseline[0]
        for iteration in predictors:
            for place, predictor in enumerate(iteration):
                found[:, place] += predictor.predict(X, bitsets, places, 1)
        return found

    return raw


def _grove(predictors: Any) -> tuple[Grove | None, Block]:
    """Put the trees side by side, those of one iteration next to each other; not if too many, nor with categories."""
    nodes = [predictor.nodes for iteration in predictors for predictor in iteration]
    if not 0 < sum(map(len, nodes)) <= MAX_NODES or any(each["is_categorical"].any() for each in nodes):
        return None, np.zeros(0)
    return Grove([_nodes(each) for each in nodes]), np.concatenate([each["value"] for each in nodes])


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
