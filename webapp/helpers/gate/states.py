"""What the state of an instance may hold, where its class reads it with code of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.helpers.gate.truths import require_truths

Rule = Callable[[Any, Any], bool]


def array(_made: Any, state: Any) -> bool:
    """The version, shape, dtype, order and content of an array."""
    if type(state) is not tuple or len(state) != 5:
        return False
    _version, shape, dtype, _order, content = state
    return type(_version) is int and _content_fits(shape, dtype, content)


def masked_array(_made: Any, state: Any) -> bool:
    if type(state) is not tuple or len(state) != 7:
        return False
    _version, shape, dtype, _order, content, mask, fill = state
    return (
        _content_fits(shape, dtype, content)
        and _plain(fill)
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
    if type(content) is not bytes or len(content) != math.prod(shape) * dtype.itemsize:
        return False
    if content:
        require_truths(np.frombuffer(content, dtype=dtype))
    return True


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
        _descend(left[inner], right[inner], np.flatnonzero(inner), count)
        and bool(((feature[inner] >= 0) & (feature[inner] < made.n_features)).all())
        and _is_no_deeper(left, right, state["max_depth"])
    )


def _descend(left: Any, right: Any, own: Any, count: int) -> bool:
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
    """The power, weights and matrix of a distance; one with a function of its own has more."""
    return (
        plain_tuple(_made, state)
        and len(state) == 3
        and all(isinstance(part, np.ndarray) for part in state[1:])
        and (state[1].ndim, state[2].ndim) == (1, 2)
    )


def neighbours(_made: Any, state: Any) -> bool:
    """A KD tree or ball tree: plain values, arrays, and the distance between them."""
    if type(state) is not tuple:
        return False
    distances = [part for part in state if type(part).__module__ == "sklearn.metrics._dist_metrics"]
    others = [part for part in state if type(part).__module__ != "sklearn.metrics._dist_metrics"]
    if len(distances) != 1 or len(state) < 9 or not all(map(_plain, others)):
        return False
    arrays = state[:4]
    if not all(isinstance(part, np.ndarray) for part in arrays) or any(type(part) is not int for part in state[4:8]):
        return False
    if [part.ndim for part in arrays] != [2, 1, 1, 3]:
        return False
    return _indices_exist(*arrays, n_nodes=state[6]) and _fits(distances[0], arrays[0].shape[1])


def _indices_exist(data: Any, index: Any, nodes: Any, bounds: Any, *, n_nodes: int) -> bool:
    if not {"idx_start", "idx_end", "is_leaf"} <= set(nodes.dtype.names or ()):
        return False
    if not (len(nodes) == n_nodes == bounds.shape[1] > 0 and bounds.shape[2] == data.shape[1]):
        return False
    if len(index) != len(data):
        return False
    inside = (index >= 0) & (index < len(data))
    starts, ends = nodes["idx_start"], nodes["idx_end"]
    # The children of a node stand at twice its own place.
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    return (
        bool(inside.all())
        and bool(((starts >= 0) & (starts <= ends) & (ends <= len(index))).all())
        and bool((2 * inner + 2 < n_nodes).all())
    )


def _fits(distance: Any, n_features: int) -> bool:
    """Tell whether a distance has one weight for each feature, where it has any."""
    _power, weights, matrix = distance.__getstate__()[:3]
    name = type(distance).__name__
    if name.startswith("SEuclidean"):
        return bool(weights.shape == (n_features,))
    if name.startswith("Mahalanobis"):
        return bool(matrix.shape == (n_features, n_features))
    return bool(len(weights) in (0, n_features)) or not name.startswith("Minkowski")


def random_bits(_made: Any, state: Any) -> bool:
    """A bit generator: its numbers, and the seed they came from."""
    if type(state) is tuple and len(state) == 2:
        return random_state(_made, state[0]) and (state[1] is None or isinstance(state[1], np.random.SeedSequence))
    return random_state(_made, state)


def random_state(_made: Any, state: Any) -> bool:
    return type(state) is dict and _plain(state) and _places_exist(state)


def _places_exist(state: dict[str, Any]) -> bool:
    """Tell whether the place of the next number lies inside the numbers there are."""
    inner = state.get("state")
    for each in (state, inner if type(inner) is dict else {}):
        place, buffered = each.get("pos", 0), each.get("buffer_pos", 0)
        if type(place) is not int or type(buffered) is not int or not (0 <= place <= 624 and 0 <= buffered <= 4):
            return False
    return True


def check_array_partial(_made: Any, state: Any) -> bool:
    """A partial of check_array with plain keywords; its state could name another function."""
    from sklearn.utils.validation import check_array

    if type(state) is not tuple or len(state) != 4:
        return False
    function, args, keywords, attributes = state
    return (
        function is check_array
        and type(args) is tuple
        and not args
        and not attributes
        and type(keywords) is dict
        and all(type(value) in (list, bool, str, type(None)) for value in keywords.values())
    )


def sparse(made: Any, state: Any) -> bool:
    """A compressed sparse matrix whose indices lie inside it."""
    if type(state) is not dict or not {"_shape", "data", "indices", "indptr"} <= set(state):
        return False
    data, indices, indptr, shape = state["data"], state["indices"], state["indptr"], state["_shape"]
    if not all(isinstance(part, np.ndarray) and part.ndim == 1 for part in (data, indices, indptr)):
        return False
    if type(shape) is not tuple or len(shape) != 2 or not all(type(length) is int for length in shape):
        return False
    if data.dtype.kind not in "biufc" or not all(part.dtype.kind == "i" for part in (indices, indptr)):
        return False
    major, minor = shape if type(made).__name__.startswith("csr") else shape[::-1]
    if len(indptr) - 1 != major or len(data) != len(indices) or indptr[0] != 0 or indptr[-1] > len(data):
        return False
    ends_rise = bool((indptr[1:] >= indptr[:-1]).all())
    return ends_rise and (len(indices) == 0 or bool(indices.min() >= 0 and indices.max() < minor))


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
        and coefficients.ndim >= 1
        and knots.dtype == np.float64
        and coefficients.dtype in (np.float64, np.complex128)
        and bool((np.diff(knots) >= 0).all())
        and len(coefficients) >= len(knots) - degree - 1 > degree
    )


def reads_content(_made: Any, state: Any) -> bool:
    """A vectorizer that takes texts; one that takes paths would read files for whoever asks."""
    return type(state) is dict and type(state.get("input")) is str and state["input"] == "content"


def hashes(_made: Any, state: Any) -> bool:
    """A hasher with at least one column; each hash is divided by their number."""
    return type(state) is dict and type(state.get("n_features")) is int and 0 < state["n_features"] < 2**31


def hashes_content(made: Any, state: Any) -> bool:
    return reads_content(made, state) and hashes(made, state)


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
    ("sklearn.feature_extraction._hash", "FeatureHasher"): hashes,
    ("sklearn.feature_extraction.text", "HashingVectorizer"): hashes_content,
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
