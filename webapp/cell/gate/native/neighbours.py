"""What a neighbour tree and the distance inside it may hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.cell.gate.plain_values import are_indices, has_fields, is_plain, plain_tuple


def distance(_instance: Any, state: Any) -> bool:
    """Accept the power, weights and matrix of a distance; a distance with a custom function has more."""
    return (
        plain_tuple(_instance, state)
        and len(state) == 3
        and all(isinstance(part, np.ndarray) for part in state[1:])
        and (state[1].ndim, state[2].ndim) == (1, 2)
    )


def neighbours(_instance: Any, state: Any) -> bool:
    """Accept a KD tree or ball tree of plain values, arrays, and one distance."""
    if type(state) is not tuple:
        return False
    distances = [part for part in state if type(part).__module__ == "sklearn.metrics._dist_metrics"]
    others = [part for part in state if type(part).__module__ != "sklearn.metrics._dist_metrics"]
    if len(distances) != 1 or len(state) < 9 or not all(map(is_plain, others)):
        return False
    arrays = state[:4]
    if not all(isinstance(part, np.ndarray) for part in arrays) or any(type(part) is not int for part in state[4:8]):
        return False
    if [part.ndim for part in arrays] != [2, 1, 1, 3]:
        return False
    return _indices_exist(*arrays, n_nodes=state[6]) and _matches(distances[0], arrays[0].shape[1])


def _indices_exist(data: Any, index: Any, nodes: Any, bounds: Any, *, n_nodes: int) -> bool:
    if not has_fields(nodes, "idx_start", "idx_end", "is_leaf"):
        return False
    if not (len(nodes) == n_nodes == bounds.shape[1] > 0 and bounds.shape[2] == data.shape[1]):
        return False
    if len(index) != len(data):
        return False
    starts, ends = nodes["idx_start"], nodes["idx_end"]
    # The children of node i are the nodes 2 i + 1 and 2 i + 2.
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    return (
        are_indices(index, len(data))
        and bool(((starts >= 0) & (starts <= ends) & (ends <= len(index))).all())
        and bool((2 * inner + 2 < n_nodes).all())
    )


def _matches(distance: Any, n_features: int) -> bool:
    """Return whether a distance has one weight for each feature, where it has any."""
    _power, weights, matrix = distance.__getstate__()[:3]
    name = type(distance).__name__
    if name.startswith("SEuclidean"):
        return bool(weights.shape == (n_features,))
    if name.startswith("Mahalanobis"):
        return bool(matrix.shape == (n_features, n_features))
    return bool(len(weights) in (0, n_features)) or not name.startswith("Minkowski")
