"""Gradient boosting and histogram gradient boosting."""

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

from webapp.cell.compiled.registry import Block, NotCompilable, Prediction, Unsure, prediction_for
from webapp.cell.compiled.traversal import MAX_GROVE_ROWS, MAX_NODES, Grove, Nodes, as_float32

#: Returns the raw scores, before the inverse link function.
RawScores = Callable[[Block], Block]


@prediction_for(HistGradientBoostingClassifier)
def _(model: Any, columns: int) -> Prediction:
    raw_scores, classes, probabilities = _hist_raw_scores(model, columns), model.classes_, model._loss.predict_proba

    def predict(X: Block) -> tuple[Block, Any]:
        scores = raw_scores(X)
        indices = (scores.ravel() > 0).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)
        return classes[indices], probabilities(scores)

    return Prediction(predict, exact=True)


@prediction_for(HistGradientBoostingRegressor)
def _(model: Any, columns: int) -> Prediction:
    raw_scores, inverse = _hist_raw_scores(model, columns), model._loss.link.inverse
    return Prediction(lambda X: (inverse(raw_scores(X).ravel()), None), exact=True)


@prediction_for(GradientBoostingClassifier)
def _(model: Any, columns: int) -> Prediction:
    raw_scores, classes, probabilities = _raw_scores(model, columns), model.classes_, model._loss.predict_proba

    def predict(X: Block) -> tuple[Block, Any]:
        scores = raw_scores(X)
        if scores.shape[1] == 1:
            scores = scores.ravel()
            return classes[(scores >= 0).astype(int)], probabilities(scores)
        return classes[scores.argmax(axis=1)], probabilities(scores)

    return Prediction(predict, exact=True)


@prediction_for(GradientBoostingRegressor)
def _(model: Any, columns: int) -> Prediction:
    raw_scores = _raw_scores(model, columns)
    return Prediction(lambda X: (raw_scores(X).ravel(), None), exact=True)


def _raw_scores(model: Any, columns: int) -> RawScores:
    is_simple = type(model.init_) in (DummyClassifier, DummyRegressor) and model.init_.strategy != "stratified"
    if not is_simple and model.init_ != "zero":
        raise NotCompilable("gradient boosting starts from a custom estimator (init)")
    # A private name, imported here: if scikit-learn removes it, boosting is not compiled, but the service still starts.
    from sklearn.ensemble._gradient_boosting import predict_stages

    trees, rate = model.estimators_, model.learning_rate
    initial = model._raw_predict_init(np.zeros((1, columns), dtype=np.float32))

    def raw_scores(X: Block) -> Block:
        narrow = as_float32(X)
        scores: Block = np.repeat(initial, len(narrow), axis=0)
        # It adds to the scores in place.
        predict_stages(trees, narrow, rate, scores)
        return scores

    return raw_scores


def _hist_raw_scores(model: Any, columns: int) -> RawScores:
    if model.n_features_in_ != columns or model._preprocessor is not None:
        raise NotCompilable("histogram gradient boosting encodes categories itself")
    predictors = model._predictors
    bitsets, bitset_indices = model._bin_mapper.make_known_categories_bitsets()
    grove, values = _grove(predictors)
    baseline = np.asarray(model._baseline_prediction, dtype=float).reshape(1, 1, -1)
    outputs = baseline.shape[2]

    def raw_scores(X: Block) -> Block:
        if np.isinf(X).any():
            raise Unsure
        if grove is not None and len(X) <= MAX_GROVE_ROWS:
            added = values.take(grove.leaves(X)).reshape(-1, outputs, len(X)).transpose(0, 2, 1)
            # cumsum adds tree by tree, in scikit-learn's order, so that the bits are the same.
            initial = np.broadcast_to(baseline, (1, len(X), outputs))
            return np.asarray(np.cumsum(np.concatenate([initial, added]), axis=0)[-1])
        scores = np.zeros((len(X), outputs), order="F")
        scores += baseline[0]
        for iteration in predictors:
            for output, predictor in enumerate(iteration):
                scores[:, output] += predictor.predict(X, bitsets, bitset_indices, 1)
        return scores

    return raw_scores


def _grove(predictors: Any) -> tuple[Grove | None, Block]:
    """Return the trees, iteration by iteration, and their leaf values; None if they are too large or use categories."""
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
