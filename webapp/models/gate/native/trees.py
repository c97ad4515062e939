"""What the nodes of a decision tree may hold, so that every walk ends at a leaf."""

from __future__ import annotations

from typing import Any

import numpy as np


def tree(made: Any, state: Any) -> bool:
    """Nodes whose children come after them and whose features exist, so that every walk ends at a leaf."""
    if type(state) is not dict or set(state) != {"max_depth", "node_count", "nodes", "values"}:
        return False
    nodes, values, count = state["nodes"], state["values"], state["node_count"]
    if not (isinstance(nodes, np.ndarray) and isinstance(values, np.ndarray) and type(count) is int):
        return False
    if nodes.ndim != 1 or len(nodes) != count or values.ndim != 3 or len(values) != count or count < 1:
        return False
    if not {"left_child", "right_child", "feature"} <= set(nodes.dtype.names or ()):
        return False
    left, right, feature = nodes["left_child"], nodes["right_child"], nodes["feature"]
    if not all(side.dtype.kind == "i" for side in (left, right, feature)):
        return False
    inner = left != -1
    return (
        descend(left[inner], right[inner], np.flatnonzero(inner), count)
        and bool(((feature[inner] >= 0) & (feature[inner] < made.n_features)).all())
        and _is_no_deeper(left, right, state["max_depth"])
    )


def descend(left: Any, right: Any, own: Any, count: int) -> bool:
    """Tell whether every child comes after its parent and has no other parent."""
    if not bool(((left > own) & (right > own) & (left < count) & (right < count)).all()):
        return False
    children = np.concatenate([left, right])
    return len(np.unique(children)) == len(children)


def _is_no_deeper(left: Any, right: Any, depth: Any) -> bool:
    """Tell whether every path is as short as the tree says; room is made for paths of that length."""
    if type(depth) is not int or not 0 <= depth <= len(left):
        return False
    level = np.zeros(1, dtype=np.intp)
    for _ in range(depth):
        level = level[left[level] != -1]
        level = np.concatenate([left[level], right[level]])
    return bool((left[level] == -1).all())


def histogram_tree(_made: Any, state: Any) -> bool:
    """The same for the trees of histogram gradient boosting."""
    if type(state) is not dict or not isinstance(state.get("nodes"), np.ndarray):
        return False
    nodes = state["nodes"]
    if nodes.ndim != 1 or not {"left", "right", "is_leaf", "feature_idx"} <= set(nodes.dtype.names or ()):
        return False
    if not {"bitset_idx", "is_categorical"} <= set(nodes.dtype.names or ()):
        return False
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    left, right = (nodes[side][inner].astype(np.int64) for side in ("left", "right"))
    return len(nodes) > 0 and descend(left, right, inner, len(nodes)) and bool((nodes["feature_idx"] >= 0).all())
