"""What the state of an instance may hold, where its class reads it with code of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.models.gate.booleans import require_truths
from webapp.models.gate.native import lightgbm, xgboost
from webapp.models.gate.native.neighbours import distance, neighbours
from webapp.models.gate.native.trees import histogram_tree, tree
from webapp.models.gate.plain_values import is_plain, plain_tuple

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
        and is_plain(fill)
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


def random_bits(_made: Any, state: Any) -> bool:
    """A bit generator: its numbers, and the seed they came from."""
    if type(state) is tuple and len(state) == 2:
        return random_state(_made, state[0]) and (state[1] is None or isinstance(state[1], np.random.SeedSequence))
    return random_state(_made, state)


def random_state(_made: Any, state: Any) -> bool:
    return type(state) is dict and is_plain(state) and _places_exist(state)


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
    ("lightgbm.basic", "Booster"): lightgbm.booster,
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
    ("xgboost.core", "Booster"): xgboost.booster,
}
#: Classes that start threads to read their state, which would keep a process that is forked later from
#: ever ending its first prediction.
THREADED = {("lightgbm.basic", "Booster"), ("xgboost.core", "Booster")}
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


def reads_in_threads(kind: type) -> bool:
    """Tell whether a class starts threads to read its state."""
    return (kind.__module__, kind.__qualname__) in THREADED


def content_rule(kind: type) -> Rule | None:
    """Give the rule for what an instance of this class may hold, if it has one."""
    if kind.__module__ in ("scipy.sparse._csr", "scipy.sparse._csc"):
        return sparse
    return CONTENT.get((kind.__module__, kind.__qualname__))
