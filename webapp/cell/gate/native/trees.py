"""What the nodes of a decision tree may hold, so that every walk through it ends at a leaf."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.cell.gate.plain_values import are_indices, has_fields


def tree(instance: Any, state: Any) -> bool:
    """Accept nodes that come before their children and read features that exist."""
    if type(state) is not dict or set(state) != {"max_depth", "node_count", "nodes", "values"}:
        return False
    nodes, values, count = state["nodes"], state["values"], state["node_count"]
    if not (isinstance(nodes, np.ndarray) and isinstance(values, np.ndarray) and type(count) is int):
        return False
    if nodes.ndim != 1 or len(nodes) != count or values.ndim != 3 or len(values) != count or count < 1:
        return False
    if not has_fields(nodes, "left_child", "right_child", "feature"):
        return False
    left, right, feature = nodes["left_child"], nodes["right_child"], nodes["feature"]
    if not all(side.dtype.kind == "i" for side in (left, right, feature)):
        return False
    inner = left != -1
    return (
        descend(left[inner], right[inner], np.flatnonzero(inner), count)
        and are_indices(feature[inner], instance.n_features)
        and _is_no_deeper(left, right, state["max_depth"])
    )


def descend(left: Any, right: Any, own: Any, count: int) -> bool:
    """Return whether every child comes after its parent and has no other parent."""
    if not bool(((left > own) & (right > own) & (left < count) & (right < count)).all()):
        return False
    children = np.concatenate([left, right])
    return len(np.unique(children)) == len(children)


def _is_no_deeper(left: Any, right: Any, depth: Any) -> bool:
    """Return whether no path is longer than the tree says; memory is reserved for paths of that length."""
    if type(depth) is not int or not 0 <= depth <= len(left):
        return False
    level = np.zeros(1, dtype=np.intp)
    for _ in range(depth):
        level = level[left[level] != -1]
        level = np.concatenate([left[level], right[level]])
    return bool((left[level] == -1).all())


def histogram_tree(_instance: Any, state: Any) -> bool:
    """Accept the same for the trees of histogram gradient boosting."""
    if type(state) is not dict or not isinstance(state.get("nodes"), np.ndarray):
        return False
    nodes = state["nodes"]
    if nodes.ndim != 1:
        return False
    if not has_fields(nodes, "left", "right", "is_leaf", "feature_idx", "bitset_idx", "is_categorical"):
        return False
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    left, right = (nodes[side][inner].astype(np.int64) for side in ("left", "right"))
    return len(nodes) > 0 and descend(left, right, inner, len(nodes)) and bool((nodes["feature_idx"] >= 0).all())
