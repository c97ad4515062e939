"""What the state of an instance may hold, where its class reads it with code of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Rule = Callable[[Any, Any], bool]


def array(_made: Any, state: Any) -> bool:
    """The version, shape, dtype, order and content of an array."""
    if type(state) is not tuple or len(state) != 5:
        return False
    _version, shape, dtype, _order, content = state
    return _content_fits(shape, dtype, content)


def masked_array(_made: Any, state: Any) -> bool:
    if type(state) is not tuple or len(state) != 7:
        return False
    _version, shape, dtype, _order, content, mask, _fill = state
    return (
        _content_fits(shape, dtype, content)
        and dtype.names is None
        and type(mask) is bytes
        and len(mask) == math.prod(shape)
    )


def _content_fits(shape: Any, dtype: Any, content: Any) -> bool:
    if type(shape) is not tuple or not all(type(length) is int and length >= 0 for length in shape):
        return False
    if not isinstance(dtype, np.dtype):
        return False
    if dtype.hasobject:
        return dtype.kind == "O" and type(content) is list and len(content) == math.prod(shape)
    return type(content) is bytes and len(content) == math.prod(shape) * dtype.itemsize


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
    inner = left != -1
    return _descend(left[inner], right[inner], np.flatnonzero(inner), count) and bool(
        ((feature[inner] >= 0) & (feature[inner] < made.n_features)).all()
    )


def _descend(left: Any, right: Any, own: Any, count: int) -> bool:
    later = (left > own) & (right > own) & (left < count) & (right < count)
    return bool(later.all())


def histogram_tree(_made: Any, state: Any) -> bool:
    """The same for the trees of histogram gradient boosting."""
    if type(state) is not dict or not isinstance(state.get("nodes"), np.ndarray):
        return False
    nodes = state["nodes"]
    if nodes.ndim != 1 or not {"left", "right", "is_leaf", "feature_idx"} <= set(nodes.dtype.names or ()):
        return False
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    left, right = (nodes[side][inner].astype(np.int64) for side in ("left", "right"))
    return len(nodes) > 0 and _descend(left, right, inner, len(nodes)) and bool((nodes["feature_idx"] >= 0).all())


def plain_tuple(_made: Any, state: Any) -> bool:
    """A tuple of plain values and arrays, for classes written in Cython."""
    return type(state) is tuple and all(map(_plain, state))


def _plain(value: Any, depth: int = 0) -> bool:
    if depth > 4:
        return False
    if type(value) in (tuple, list):
        return all(_plain(each, depth + 1) for each in value)
    if type(value) is dict:
        return all(type(key) is str and _plain(each, depth + 1) for key, each in value.items())
    if isinstance(value, np.ndarray):
        return not value.dtype.hasobject
    return value is None or isinstance(value, str | int | float | bool | bytes | np.generic)


def distance(_made: Any, state: Any) -> bool:
    return plain_tuple(_made, state)


def neighbours(_made: Any, state: Any) -> bool:
    """A KD tree or ball tree: plain values, arrays, and the distance between them."""
    if type(state) is not tuple:
        return False
    others = [part for part in state if type(part).__module__ != "sklearn.metrics._dist_metrics"]
    return len(others) >= len(state) - 1 and all(map(_plain, others)) and _indices_exist(others)


def _indices_exist(parts: list[Any]) -> bool:
    if len(parts) < 3 or not all(isinstance(part, np.ndarray) for part in parts[:3]):
        return False
    data, index, nodes = parts[:3]
    if data.ndim != 2 or index.ndim != 1 or nodes.ndim != 1 or nodes.dtype.names is None:
        return False
    inside = (index >= 0) & (index < len(data))
    starts, ends = nodes["idx_start"], nodes["idx_end"]
    return bool(inside.all()) and bool(((starts >= 0) & (starts <= ends) & (ends <= len(index))).all())


def random_bits(_made: Any, state: Any) -> bool:
    """A bit generator: its numbers, and the seed they came from."""
    if type(state) is tuple and len(state) == 2:
        return _plain(state[0]) and (state[1] is None or isinstance(state[1], np.random.SeedSequence))
    return type(state) is dict and _plain(state)


def random_state(_made: Any, state: Any) -> bool:
    return type(state) is dict and _plain(state)


def check_array_partial(_made: Any, state: Any) -> bool:
    """A partial of check_array with plain keywords; its state could name another function."""
    from sklearn.utils.validation import check_array

    if type(state) is not tuple or len(state) != 4:
        return False
    function, args, keywords, attributes = state
    return (
        function is check_array
        and args == ()
        and not attributes
        and all(type(value) in (list, bool, str, type(None)) for value in keywords.values())
    )


def sparse(_made: Any, state: Any) -> bool:
    """A compressed sparse matrix whose indices lie inside it."""
    if type(state) is not dict or not {"_shape", "data", "indices", "indptr"} <= set(state):
        return False
    data, indices, indptr, shape = state["data"], state["indices"], state["indptr"], state["_shape"]
    if not all(isinstance(part, np.ndarray) and part.ndim == 1 for part in (data, indices, indptr)):
        return False
    if type(shape) is not tuple or len(shape) != 2 or len(indptr) < 1 or data.dtype.hasobject:
        return False
    if len(indptr) - 1 not in shape or len(data) != len(indices) or indptr[0] != 0 or indptr[-1] > len(data):
        return False
    ends_rise = bool((np.diff(indptr) >= 0).all())
    return ends_rise and (len(indices) == 0 or (indices.min() >= 0 and indices.max() < max(shape)))


def spline(_made: Any, state: Any) -> bool:
    if type(state) is not dict or not {"_t", "_c", "k"} <= set(state):
        return False
    knots, coefficients, degree = state["_t"], state["_c"], state["k"]
    return (
        isinstance(knots, np.ndarray)
        and isinstance(coefficients, np.ndarray)
        and type(degree) is int
        and 0 <= degree <= 20
        and knots.ndim == 1
        and bool((np.diff(knots) >= 0).all())
        and len(coefficients) >= len(knots) - degree - 1 > 0
    )


def reads_content(_made: Any, state: Any) -> bool:
    """A vectorizer that takes texts; one that takes paths would read files for whoever asks."""
    return type(state) is dict and state.get("input") == "content"


#: Classes that read their state with code of their own: without a rule here, they are refused.
OWN_CODE: dict[tuple[str, str], Rule] = {
    ("functools", "partial"): check_array_partial,
    ("numpy", "ndarray"): array,
    ("numpy.ma", "MaskedArray"): masked_array,
    ("numpy.random._mt19937", "MT19937"): random_bits,
    ("numpy.random._pcg64", "PCG64"): random_bits,
    ("numpy.random._pcg64", "PCG64DXSM"): random_bits,
    ("numpy.random._philox", "Philox"): random_bits,
    ("numpy.random._sfc64", "SFC64"): random_bits,
    ("numpy.random.bit_generator", "SeedSequence"): plain_tuple,
    ("numpy.random.mtrand", "RandomState"): random_state,
    ("sklearn.tree._tree", "Tree"): tree,
}
#: Rules on top of what holds for every instance whose state is a dict of attributes.
CONTENT: dict[tuple[str, str], Rule] = {
    ("scipy.interpolate._bsplines", "BSpline"): spline,
    ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"): histogram_tree,
    ("sklearn.feature_extraction.text", "CountVectorizer"): reads_content,
    ("sklearn.feature_extraction.text", "HashingVectorizer"): reads_content,
    ("sklearn.feature_extraction.text", "TfidfVectorizer"): reads_content,
}


def own_code_rule(kind: type) -> Rule | None:
    """Give the rule for a class that reads its state with code of its own, if it has one."""
    module, name = kind.__module__, kind.__qualname__
    if module == "sklearn.metrics._dist_metrics":
        return distance
    if module in ("sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree"):
        return neighbours
    return OWN_CODE.get((module, name))


def content_rule(kind: type) -> Rule | None:
    """Give the rule for what an instance of this class may hold, if it has one."""
    if kind.__module__ in ("scipy.sparse._csr", "scipy.sparse._csc"):
        return sparse
    return CONTENT.get((kind.__module__, kind.__qualname__))
