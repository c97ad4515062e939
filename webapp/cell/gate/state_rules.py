"""Rules for states: what the state of an instance may hold before its class gets to see it.

Most classes take their state as a dict of attributes; see attributes.py. Some read it with their own
code. Each rule is given the instance and the state, and returns whether the state is what such a class
writes. Whether the numbers in it fit together is not asked: compiled code that follows them anywhere runs
in a process that reaches nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.cell.gate import attribute_rules
from webapp.cell.gate.names import key_of
from webapp.cell.gate.pandas_columns import ONE_BLOCK, one_block, series
from webapp.cell.gate.pandas_names import texts
from webapp.cell.gate.plain_values import is_content, is_plain, is_shape, plain_dict, plain_tuple
from webapp.cell.migrations.spellings import current_name

Rule = Callable[[Any, Any], bool]

DISTANCES = "sklearn.metrics._dist_metrics"
NEIGHBOUR_TREES = ("sklearn.neighbors._kd_tree", "sklearn.neighbors._ball_tree")


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


def empty(_instance: Any, state: Any) -> bool:
    """Accept no state, which some versions of Cython write."""
    return type(state) is tuple and not state


def random_bits(_instance: Any, state: Any) -> bool:
    """Accept the numbers of a bit generator, with or without the seed they came from."""
    if type(state) is tuple and len(state) == 2:
        return plain_dict(_instance, state[0]) and (state[1] is None or isinstance(state[1], np.random.SeedSequence))
    return plain_dict(_instance, state)


def partial_function(instance: Any, state: Any) -> bool:
    """Accept keywords for the function that a partial was created with; the state could name another one.

    A further argument could be the array into which numpy writes its result, so there must be none.
    """
    if type(state) is not tuple or len(state) != 4:
        return False
    function, args, keywords, attributes = state
    is_plain_call = function is instance.func and type(args) is tuple and not args and not attributes
    return is_plain_call and type(keywords) is dict and _are_keywords(function, keywords)


def _are_keywords(function: Any, keywords: dict[Any, Any]) -> bool:
    from sklearn.utils.validation import check_array

    if function is check_array:
        return all(type(value) in (list, bool, str, type(None)) for value in keywords.values())
    # scikit-learn's functions take words too. Of numpy's, a word could choose a type.
    is_of_sklearn = getattr(function, "__module__", "").startswith("sklearn.")
    return attribute_rules.options(keywords) if is_of_sklearn else attribute_rules.keywords(keywords)


def neighbours(_instance: Any, state: Any) -> bool:
    """Accept a KD tree or ball tree of plain values, arrays, and distances."""
    return type(state) is tuple and all(is_plain(part) or type(part).__module__ == DISTANCES for part in state)


def xgboost_booster(_instance: Any, state: Any) -> bool:
    """Accept a model as its bytes, and numbers beside them as XGBoost 1.7 writes them.

    A handle that is a number would be a pointer.
    """
    if type(state) is not dict or type(state.get("handle")) is not bytearray:
        return False
    others = {name: value for name, value in state.items() if name != "handle"}
    is_expected = others.keys() <= {"best_iteration", "best_ntree_limit", "best_score"}
    return is_expected and all(type(number) in (int, float) for number in others.values())


def lightgbm_booster(_instance: Any, state: Any) -> bool:
    """Accept a model as its text, without a network and without another model that it began with.

    A handle that is a number would be a pointer. LightGBM 3 wrote the names of two attributes without the underscore.
    """
    return (
        type(state) is dict
        and all(is_plain(value) for name, value in state.items() if name != "best_score")
        and [type(state[name]) for name in ("_handle", "handle") if name in state] == [str]
        and [state[name] is False for name in ("_network", "network") if name in state] == [True]
        and state.get("_Booster__init_predictor") is None
    )


#: Classes that read their state with their own code. A class with such code but no rule is refused.
OWN_CODE: dict[tuple[str, str], Rule] = {
    ("functools", "partial"): partial_function,
    ("lightgbm.basic", "Booster"): lightgbm_booster,
    ("numpy", "ndarray"): array,
    ("numpy.ma", "MaskedArray"): masked_array,
    ("numpy.random._generator", "Generator"): plain_dict,
    ("numpy.random._mt19937", "MT19937"): random_bits,
    ("numpy.random._pcg64", "PCG64"): random_bits,
    ("numpy.random._pcg64", "PCG64DXSM"): random_bits,
    ("numpy.random._philox", "Philox"): random_bits,
    ("numpy.random._sfc64", "SFC64"): random_bits,
    ("numpy.random.bit_generator", "SeedSequence"): plain_tuple,
    ("numpy.random.mtrand", "RandomState"): plain_dict,
    ("pandas", "Series"): series,
    ("pandas.arrays", "StringArray"): texts,
    ONE_BLOCK: one_block,
    ("pandas.core.series", "Series"): series,
    ("sklearn._loss._loss", "CyHalfMultinomialLoss"): empty,
    ("sklearn.tree._tree", "Tree"): plain_dict,
    ("xgboost.core", "Booster"): xgboost_booster,
}


def own_code_rule(kind: type) -> Rule | None:
    """Return the rule for a class that reads its state with its own code, if it has one."""
    if kind.__module__ == DISTANCES:
        return plain_tuple
    if kind.__module__ in NEIGHBOUR_TREES:
        return neighbours
    return OWN_CODE.get(current_name(*key_of(kind)))
