"""What XGBoost's models may hold: its compiled code follows the numbers in them without checking them."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from webapp.cell.gate.names import key_of
from webapp.cell.gate.native.trees import descend
from webapp.cell.gate.native.ubjson import read
from webapp.cell.gate.plain_values import are_indices

COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
NODES = ("left_children", "right_children", "parents", "split_indices", "split_type", "default_left")
WEIGHTS = ("split_conditions", "base_weights", "loss_changes", "sum_hessian")
#: Maximum number of categories; XGBoost itself accepts no larger code either.
MAX_CATEGORIES = 2**24


def booster(_instance: Any, state: Any) -> bool:
    """Accept a model as its bytes and nothing else; a handle that is a number would be a pointer."""
    if type(state) is not dict or set(state) != {"handle"} or type(state["handle"]) is not bytearray:
        return False
    try:
        return _is_sound(read(state["handle"])["Model"]["learner"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False


def estimator(own: dict[str, Any]) -> bool:
    """Accept XGBoost's own model, and plain numbers where predict writes them into JSON."""
    model = own.get("_Booster")
    return (
        (model is None or key_of(type(model)) == ("xgboost.core", "Booster"))
        and type(own.get("verbosity")) in (int, type(None))
        and isinstance(own.get("missing"), int | float | np.number)
    )


def _count(text: Any) -> int:
    if type(text) is not str or not COUNT.fullmatch(text):
        raise ValueError("a count is not valid")
    return int(text)


def _is_sound(learner: dict[str, Any]) -> bool:
    sizes = learner["learner_model_param"]
    n_features = _count(sizes["num_feature"])
    groups = max(1, _count(sizes["num_class"]), _count(sizes["num_target"]))
    base = json.loads(sizes["base_score"])
    if isinstance(base, list) and len(base) not in (1, groups):
        return False
    part = learner["gradient_booster"]
    if part["name"] == "gblinear":
        return len(_floats(part["model"]["weights"])) == (n_features + 1) * groups
    if part["name"] == "dart":
        drops, part = _numbers(part["weight_drop"], float), part["gbtree"]
        if len(drops) != len(part["model"]["trees"]):
            return False
    best = _count(learner["attributes"].get("best_iteration", "0"))
    return part["name"] == "gbtree" and _are_trees(part["model"], n_features, groups, best)


def _are_trees(model: dict[str, Any], n_features: int, groups: int, best: int) -> bool:
    """Return whether each tree adds to a column that exists and belongs to one round."""
    trees = model["trees"]
    columns, rounds = (np.array(_numbers(model[name])) for name in ("tree_info", "iteration_indptr"))
    return (
        len(trees) == len(columns) == _count(model["gbtree_model_param"]["num_trees"])
        and groups <= len(trees)
        and are_indices(columns, groups)
        and rounds[0] == 0
        and rounds[-1] == len(trees)
        and bool((np.diff(rounds) > 0).all())
        and best < len(rounds) - 1
        and _are_names(model["cats"], n_features)
        and all(_is_tree(tree, n_features) for tree in trees)
    )


def _is_tree(tree: dict[str, Any], n_features: int) -> bool:
    sizes = tree["tree_param"]
    count = _count(sizes["num_nodes"])
    # Trees with several numbers in each leaf have another layout.
    if sizes["size_leaf_vector"] not in ("0", "1") or _count(sizes["num_feature"]) != n_features or not count:
        return False
    left, right, parents, features, kinds, _ = nodes = [_integers(tree[name]) for name in NODES]
    weights = [_floats(tree[name]) for name in WEIGHTS]
    if any(len(values) != count for values in [*nodes, *weights]):
        return False
    inner = np.flatnonzero(left != -1)
    return (
        bool((right[left == -1] == -1).all())
        and descend(left[inner], right[inner], inner, count)
        and bool((parents[left[inner]] == inner).all() and (parents[right[inner]] == inner).all())
        and are_indices(features[inner], n_features)
        and _are_categories(tree, kinds)
    )


def _are_categories(tree: dict[str, Any], kinds: np.ndarray[Any, Any]) -> bool:
    """Return whether each node that splits by category has a set of categories, and no other node has one."""
    nodes, starts, sizes, categories = (
        _integers(tree[name]) for name in ("categories_nodes", "categories_segments", "categories_sizes", "categories")
    )
    return (
        are_indices(kinds, 2)
        and np.array_equal(nodes, np.flatnonzero(kinds == 1))
        and len(starts) == len(sizes) == len(nodes)
        and are_indices(starts, len(categories) + 1)
        and are_indices(sizes, len(categories) + 1)
        and bool((starts + sizes <= len(categories)).all())
        and are_indices(categories, MAX_CATEGORIES)
    )


def _are_names(cats: dict[str, Any], n_features: int) -> bool:
    """Return whether the names of the categories, if there are any, are where the numbers say they are."""
    features, ends, order = cats["enc"], _integers(cats["feature_segments"]), _integers(cats["sorted_idx"])
    if not features:
        return len(ends) == len(order) == 0
    counts = [_count_names(feature) for feature in features]
    return (
        len(features) == n_features
        and np.array_equal(ends, np.cumsum([0, *counts]))
        and len(order) == sum(counts)
        and all(are_indices(order[start : start + size], size) for start, size in zip(ends, counts, strict=False))
    )


def _count_names(feature: dict[str, Any]) -> int:
    if "type" in feature:
        return len(_integers(feature["values"]))
    places, letters = _integers(feature["offsets"]), _integers(feature["values"])
    if not len(places):
        return 0
    if places[0] != 0 or places[-1] != len(letters) or (np.diff(places) < 0).any():
        raise ValueError("a name is outside of the letters")
    return len(places) - 1


def _integers(array: Any) -> np.ndarray[Any, Any]:
    return _typed(array, "iu").astype(np.int64)


def _numbers(numbers: Any, kind: type = int) -> list[Any]:
    """Return the numbers of a list that XGBoost writes one by one."""
    if type(numbers) is not list or not all(type(number) is kind for number in numbers):
        raise ValueError("a list holds something else")
    return numbers


def _floats(array: Any) -> np.ndarray[Any, Any]:
    return _typed(array, "f")


def _typed(array: Any, kinds: str) -> np.ndarray[Any, Any]:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in kinds:
        raise ValueError("an array holds something else")
    return array
