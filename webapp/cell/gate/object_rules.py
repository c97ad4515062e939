"""Rules for whole objects: parts that must agree with each other, since compiled code assumes that they do.

These rules look at a model after it has been loaded, when nothing in it can change, and before any of its
methods runs. Compiled code reads and writes wherever the numbers in a file point. Each rule is given the
attributes of an instance and returns whether they fit together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.tree import BaseDecisionTree
from sklearn.tree._tree import Tree

from webapp.cell.gate.names import key_of
from webapp.cell.gate.native import lightgbm, xgboost
from webapp.cell.gate.native.svm import support_vectors
from webapp.cell.gate.plain_values import is_count

Rule = Callable[[dict[str, Any]], bool]
ABSENT = object()


def decision_tree(own: dict[str, Any]) -> bool:
    """Accept a tree that reads as many features as the inputs have."""
    tree = own.get("tree_", ABSENT)
    return tree is ABSENT or (type(tree) is Tree and is_count(own.get("n_features_in_"), tree.n_features))


def gradient_boosting(own: dict[str, Any]) -> bool:
    """Accept trees that are all for the same inputs and add to a sum with a column for each tree of a round.

    The sum begins with the prediction of ``init_``, which must be known to have as many columns.
    """
    trees = own.get("estimators_", ABSENT)
    if trees is ABSENT:
        return True
    if not (isinstance(trees, np.ndarray) and trees.dtype == object and trees.ndim == 2 and trees.size):
        return False
    width = trees.shape[1]
    if not is_count(own.get("n_trees_per_iteration_"), width):
        return False
    n_features = [vars(tree).get("n_features_in_") for tree in trees.flat if isinstance(tree, BaseDecisionTree)]
    if len(n_features) != trees.size or any(not is_count(count, n_features[0]) for count in n_features):
        return False
    return all(_is_fitted(tree) for tree in trees.flat) and _has_columns(own.get("init_"), width)


def _is_fitted(tree: Any) -> bool:
    return type(vars(tree).get("tree_")) is Tree and decision_tree(vars(tree))


def _has_columns(init: Any, width: int) -> bool:
    if type(init) is str:
        return init == "zero"
    if type(init) is DummyRegressor:
        return width == 1 and is_count(vars(init).get("n_outputs_"), 1)
    if type(init) is not DummyClassifier:
        return False
    own = vars(init)
    prior = own.get("class_prior_")
    known = own.get("strategy") == "prior" and is_count(own.get("n_outputs_"), 1)
    # Two classes share one column.
    return known and isinstance(prior, np.ndarray) and prior.shape == (max(width, 2),)


def histogram_boosting(own: dict[str, Any]) -> bool:
    """Accept nodes that read features and sets of categories that exist."""
    rounds = own.get("_predictors", ABSENT)
    if rounds is ABSENT:
        return True
    n_features = own.get("n_features_in_")
    if type(rounds) is not list or not all(type(trees) is list for trees in rounds) or type(n_features) is not int:
        return False
    mapper = own.get("_bin_mapper")
    categorical = vars(mapper).get("is_categorical_") if hasattr(mapper, "__dict__") else None
    if not (isinstance(categorical, np.ndarray) and categorical.shape == (n_features,)):
        return False
    predictors = [predictor for trees in rounds for predictor in trees]
    return all(_reads_what_exists(predictor, categorical) for predictor in predictors)


def _reads_what_exists(predictor: Any, categorical: Any) -> bool:
    if type(predictor) is not TreePredictor:
        return False
    nodes, sets = vars(predictor).get("nodes"), vars(predictor).get("raw_left_cat_bitsets")
    if not (isinstance(nodes, np.ndarray) and isinstance(sets, np.ndarray) and sets.ndim == 2 and sets.shape[1] == 8):
        return False
    inner = nodes[nodes["is_leaf"] == 0]
    if not bool((inner["feature_idx"] < len(categorical)).all()):
        return False
    by_category = inner[inner["is_categorical"] != 0]
    return bool((by_category["bitset_idx"] < len(sets)).all()) and bool(categorical[by_category["feature_idx"]].all())


def centers(own: dict[str, Any]) -> bool:
    """Accept centers of clusters with as many coordinates as the inputs have features."""
    points = own.get("cluster_centers_", ABSENT)
    if points is ABSENT:
        return True
    return isinstance(points, np.ndarray) and points.ndim == 2 and is_count(own.get("n_features_in_"), points.shape[1])


def neighbours(own: dict[str, Any]) -> bool:
    """Accept training samples with as many features as the inputs have, and one class for each sample."""
    samples, labels = own.get("_fit_X", ABSENT), own.get("_y")
    if not isinstance(samples, np.ndarray) or samples.ndim != 2:
        return True
    if not is_count(own.get("n_features_in_"), samples.shape[1]):
        return False
    return not isinstance(labels, np.ndarray) or labels.ndim == 0 or len(labels) == len(samples)


def keywords(own: dict[str, Any]) -> bool:
    """Accept keywords without ``out``, an array to write the result into: it could be a part of the model."""
    options = [own.get(name) for name in ("kw_args", "inv_kw_args")]
    return all(option is None or (type(option) is dict and "out" not in option) for option in options)


NEIGHBOUR_MODULES = "sklearn.neighbors._"
RULES: dict[tuple[str, str], Rule] = {
    ("sklearn.tree._classes", "DecisionTreeClassifier"): decision_tree,
    ("sklearn.tree._classes", "DecisionTreeRegressor"): decision_tree,
    ("sklearn.tree._classes", "ExtraTreeClassifier"): decision_tree,
    ("sklearn.tree._classes", "ExtraTreeRegressor"): decision_tree,
    ("sklearn.ensemble._gb", "GradientBoostingClassifier"): gradient_boosting,
    ("sklearn.ensemble._gb", "GradientBoostingRegressor"): gradient_boosting,
    (
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting",
        "HistGradientBoostingClassifier",
    ): histogram_boosting,
    (
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting",
        "HistGradientBoostingRegressor",
    ): histogram_boosting,
    ("sklearn.svm._classes", "SVC"): support_vectors,
    ("sklearn.svm._classes", "NuSVC"): support_vectors,
    ("sklearn.svm._classes", "SVR"): support_vectors,
    ("sklearn.svm._classes", "NuSVR"): support_vectors,
    ("sklearn.svm._classes", "OneClassSVM"): support_vectors,
    ("sklearn.cluster._kmeans", "KMeans"): centers,
    ("sklearn.cluster._kmeans", "MiniBatchKMeans"): centers,
    ("sklearn.cluster._bisect_k_means", "BisectingKMeans"): centers,
    ("sklearn.preprocessing._function_transformer", "FunctionTransformer"): keywords,
    ("xgboost.sklearn", "XGBClassifier"): xgboost.estimator,
    ("xgboost.sklearn", "XGBRanker"): xgboost.estimator,
    ("xgboost.sklearn", "XGBRegressor"): xgboost.estimator,
    ("xgboost.sklearn", "XGBRFClassifier"): xgboost.estimator,
    ("xgboost.sklearn", "XGBRFRegressor"): xgboost.estimator,
    ("lightgbm.sklearn", "LGBMClassifier"): lightgbm.estimator,
    ("lightgbm.sklearn", "LGBMRanker"): lightgbm.estimator,
    ("lightgbm.sklearn", "LGBMRegressor"): lightgbm.estimator,
}


def object_rule(kind: type) -> Rule | None:
    """Return the rule for the whole of an instance, if its class has one."""
    if kind.__module__.startswith(NEIGHBOUR_MODULES):
        return neighbours
    return RULES.get(key_of(kind))
