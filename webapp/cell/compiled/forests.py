"""Single trees and forests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from webapp.cell.compiled.registry import Block, NotCompilable, Prediction, prediction_for
from webapp.cell.compiled.traversal import MAX_GROVE_ROWS, MAX_NODES, Grove, Nodes, as_float32


@prediction_for(DecisionTreeClassifier, ExtraTreeClassifier)
def _(model: Any, columns: int) -> Prediction:
    return _classification(model, [model.tree_], columns)


@prediction_for(ExtraTreesClassifier, RandomForestClassifier)
def _(model: Any, columns: int) -> Prediction:
    return _classification(model, [tree.tree_ for tree in model.estimators_], columns)


@prediction_for(DecisionTreeRegressor, ExtraTreeRegressor)
def _(model: Any, columns: int) -> Prediction:
    return _regression(model, [model.tree_], columns)


@prediction_for(ExtraTreesRegressor, RandomForestRegressor)
def _(model: Any, columns: int) -> Prediction:
    return _regression(model, [tree.tree_ for tree in model.estimators_], columns)


def _classification(model: Any, trees: list[Any], columns: int) -> Prediction:
    mean, classes = _mean(model, trees, columns), model.classes_

    def predict(X: Block) -> tuple[Block, Any]:
        probabilities = mean(X)
        return classes.take(probabilities.argmax(axis=1)), probabilities

    return Prediction(predict, exact=True)


def _regression(model: Any, trees: list[Any], columns: int) -> Prediction:
    mean = _mean(model, trees, columns)
    return Prediction(lambda X: (mean(X)[:, 0], None), exact=True)


def _mean(model: Any, trees: list[Any], columns: int) -> Callable[[Block], Block]:
    """Return the function from rows to the mean of the trees' values."""
    if model.n_outputs_ != 1 or model.n_features_in_ != columns or getattr(model, "monotonic_cst", None) is not None:
        raise NotCompilable(f"{type(model).__name__} has several outputs or monotonic constraints")
    grove = values = None
    if len(trees) > 1 and sum(tree.node_count for tree in trees) <= MAX_NODES:
        grove = Grove([_nodes(tree) for tree in trees])
        values = np.concatenate([tree.value[:, 0, :] for tree in trees])

    def mean(X: Block) -> Block:
        narrow = as_float32(X)
        if grove is not None and values is not None and len(narrow) <= MAX_GROVE_ROWS:
            # cumsum adds tree by tree, in scikit-learn's order, so that the bits are the same.
            total: Block = np.cumsum(values.take(grove.leaves(narrow), axis=0), axis=0)[-1]
        else:
            total = np.zeros((len(narrow), trees[0].value.shape[2]))
            for tree in trees:
                total += tree.predict(narrow).reshape(total.shape)
        return total / len(trees) if len(trees) > 1 else total

    return mean


def _nodes(tree: Any) -> Nodes:
    return Nodes(
        feature=tree.feature,
        threshold=tree.threshold,
        left=tree.children_left,
        right=tree.children_right,
        is_leaf=tree.children_left == -1,
        depth=tree.max_depth,
    )
