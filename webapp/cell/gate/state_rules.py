"""Rules for states: what the state of an instance may hold before its class gets to see it.

Most classes take their state as a dict of attributes; see attributes.py. Some read it with their own
code, often compiled, which would follow whatever numbers a file puts there. Each rule is given the
instance and the state, and returns whether the state is safe to hand over.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.cell.gate.names import key_of
from webapp.cell.gate.native import lightgbm, xgboost
from webapp.cell.gate.native.neighbours import distance, neighbours
from webapp.cell.gate.native.trees import histogram_tree, tree
from webapp.cell.gate.plain_values import is_content, is_plain, is_shape, plain_tuple

Rule = Callable[[Any, Any], bool]


def array(_instance: Any, state: Any) -> bool:
    """Accept the version, shape, dtype, order and content of an array."""
    if type(state) is not tuple or len(state) != 5:
        return False
    _version, shape, dtype, _order, content = state
    return type(_version) is int and _content_fits(shape, dtype, content)


def masked_array(_instance: Any, state: Any) -> bool:
    """Accept the same with a mask and a plain fill value."""
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
    if not is_shape(shape) or not isinstance(dtype, np.dtype):
        return False
    if dtype.hasobject:
        return dtype.kind == "O" and type(content) is list and len(content) == math.prod(shape)
    return type(content) is bytes and is_content(content, dtype, math.prod(shape))


def random_bits(_instance: Any, state: Any) -> bool:
    """Accept the numbers of a bit generator, with or without the seed they came from."""
    if type(state) is tuple and len(state) == 2:
        return random_state(_instance, state[0]) and (state[1] is None or isinstance(state[1], np.random.SeedSequence))
    return random_state(_instance, state)


def random_state(_instance: Any, state: Any) -> bool:
    """Accept plain numbers, with a place among them that exists."""
    return type(state) is dict and is_plain(state) and _places_exist(state)


def _places_exist(state: dict[str, Any]) -> bool:
    """Return whether the place of the next number lies inside the numbers that are there."""
    inner = state.get("state")
    for part in (state, inner if type(inner) is dict else {}):
        place, buffered = part.get("pos", 0), part.get("buffer_pos", 0)
        if type(place) is not int or type(buffered) is not int or not (0 <= place <= 624 and 0 <= buffered <= 4):
            return False
    return True


def check_array_partial(_instance: Any, state: Any) -> bool:
    """Accept a partial of check_array with plain keywords; the state could name another function."""
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


def sparse(instance: Any, state: Any) -> bool:
    """Accept a compressed sparse matrix whose indices lie inside it."""
    if type(state) is not dict or not {"_shape", "data", "indices", "indptr"} <= set(state):
        return False
    data, indices, indptr, shape = state["data"], state["indices"], state["indptr"], state["_shape"]
    if not all(isinstance(part, np.ndarray) and part.ndim == 1 for part in (data, indices, indptr)):
        return False
    if type(shape) is not tuple or len(shape) != 2 or not all(type(length) is int for length in shape):
        return False
    if data.dtype.kind not in "biufc" or not all(part.dtype.kind == "i" for part in (indices, indptr)):
        return False
    major, minor = shape if type(instance).__name__.startswith("csr") else shape[::-1]
    if len(indptr) - 1 != major or len(data) != len(indices) or indptr[0] != 0 or indptr[-1] > len(data):
        return False
    ends_rise = bool((indptr[1:] >= indptr[:-1]).all())
    return ends_rise and (len(indices) == 0 or bool(indices.min() >= 0 and indices.max() < minor))


def spline(_instance: Any, state: Any) -> bool:
    """Accept knots in ascending order, and as many coefficients as they need."""
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


def reads_content(_instance: Any, state: Any) -> bool:
    """Accept a vectorizer of texts; a vectorizer of paths would read any file that a client names."""
    return type(state) is dict and type(state.get("input")) is str and state["input"] == "content"


def hashes(_instance: Any, state: Any) -> bool:
    """Accept a hasher with at least one column, since it divides each hash by the number of columns."""
    return type(state) is dict and type(state.get("n_features")) is int and 0 < state["n_features"] < 2**31


def hashes_content(instance: Any, state: Any) -> bool:
    """Accept a hasher of texts."""
    return reads_content(instance, state) and hashes(instance, state)


#: Classes that read their state with their own code. A class with such code but no rule is refused.
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
#: Classes that start threads to read their state. After that, the first prediction of a process that is
#: forked later would never end.
THREADED = {("lightgbm.basic", "Booster"), ("xgboost.core", "Booster")}
#: Rules for some of the classes whose state is a dict of attributes, in addition to those in attributes.py.
CONTENT: dict[tuple[str, str], Rule] = {
    ("scipy.interpolate._bsplines", "BSpline"): spline,
    ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"): histogram_tree,
    ("sklearn.feature_extraction.text", "CountVectorizer"): reads_content,
    ("sklearn.feature_extraction._hash", "FeatureHasher"): hashes,
    ("sklearn.feature_extraction.text", "HashingVectorizer"): hashes_content,
    ("sklearn.feature_extraction.text", "TfidfVectorizer"): reads_content,
}


def own_code_rule(kind: type) -> Rule | None:
    """Return the rule for a class that reads its state with its own code, if it has one."""
    if kind.__module__ == "sklearn.metrics._dist_metrics":
        return distance
    if kind.__module__ in ("sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree"):
        return neighbours
    return OWN_CODE.get(key_of(kind))


def reads_in_threads(kind: type) -> bool:
    """Return whether a class starts threads to read its state."""
    return key_of(kind) in THREADED


def content_rule(kind: type) -> Rule | None:
    """Return the rule for the attributes of an instance of this class, if it has one."""
    if kind.__module__ in ("scipy.sparse._csr", "scipy.sparse._csc"):
        return sparse
    return CONTENT.get(key_of(kind))
