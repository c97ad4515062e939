"""Rules for calls: with which arguments each name may be called.

Each rule is given the arguments and returns whether they are of the kind that is found in honest files.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta, timezone
from types import FunctionType
from typing import Any

import numpy as np
from numpy.random._pickle import BitGenerators, __bit_generator_ctor
from sklearn.base import BaseEstimator

from webapp.cell.gate.hashable import PLAIN_TYPES, require_hashable
from webapp.cell.gate.names import METHOD
from webapp.cell.gate.pandas_names import empty_texts, index, text_type
from webapp.cell.gate.plain_values import is_content, is_shape
from webapp.cell.migrations.spellings import LOSSES, REBUILDING, is_loss

Rule = Callable[[tuple[Any, ...]], bool]

NATIVE_MODULES = ("sklearn.metrics._dist_metrics", "sklearn.neighbors._ball_tree", "sklearn.neighbors._kd_tree")
#: The types of functions: Python's, numpy's elementwise ones, and those of numpy that other arrays may override.
FUNCTION_TYPES = (FunctionType, np.ufunc, type(np.clip))
#: What vectorizers do with a text. ``format`` and ``encode``, for example, would do what the text says.
TEXT_METHODS = frozenset(
    {"capitalize", "casefold", "lower", "lstrip", "rsplit", "rstrip", "split", "splitlines", "strip", "title", "upper"}
)
MAX_PATTERN_LENGTH = 1000
FACTORIES = (None, int, float, list, dict, set, OrderedDict)


def latin1(args: tuple[Any, ...]) -> bool:
    """Accept a text that stands for bytes, as the oldest protocols write them."""
    return len(args) == 2 and type(args[0]) is type(args[1]) is str and args[1] in ("latin1", "latin-1")


def plain(args: tuple[Any, ...]) -> bool:
    """Accept up to four plain values."""
    return len(args) <= 4 and all(type(arg) in PLAIN_TYPES for arg in args)


def content(args: tuple[Any, ...]) -> bool:
    """Accept the content of a bytearray; a number would be its length, which may be huge."""
    return not args or (len(args) == 1 and type(args[0]) is bytes) or latin1(args)


def real_and_imaginary(args: tuple[Any, ...]) -> bool:
    """Accept the two parts of a complex number."""
    return len(args) == 2 and all(type(arg) is float for arg in args)


def collection(args: tuple[Any, ...]) -> bool:
    """Accept a list of plain values, as the older protocols write a set."""
    if len(args) != 1 or type(args[0]) is not list:
        return False
    # Tuples in a set are accepted in the newer protocols only, where their number is charged to the budget.
    return not any(require_hashable(item) for item in args[0])


def nothing(args: tuple[Any, ...]) -> bool:
    """Accept no arguments at all."""
    return not args


def factory(args: tuple[Any, ...]) -> bool:
    """Accept one of the types that create a default value."""
    return not args or (len(args) == 1 and any(args[0] is kind for kind in FACTORIES))


def empty_array(args: tuple[Any, ...]) -> bool:
    """Accept the class, shape and type of an empty array, which gets its content as its state."""
    return len(args) == 3 and args[0] is np.ndarray and _is_empty(*args[1:])


def empty_masked_array(args: tuple[Any, ...]) -> bool:
    """Accept the same for a masked array."""
    return len(args) == 4 and args[0] is np.ma.MaskedArray and args[1] is np.ndarray and _is_empty(*args[2:])


def _is_empty(shape: Any, typecode: Any) -> bool:
    # An array compares equal to what it holds, so the types are checked first.
    return type(shape) is tuple and type(typecode) in (bytes, str) and shape == (0,) and typecode in (b"b", "b")


def scalar(args: tuple[Any, ...]) -> bool:
    """Accept the type and the bytes of one number, text or date."""
    if len(args) != 2 or not isinstance(args[0], np.dtype) or type(args[1]) is not bytes:
        return False
    return is_content(args[1], args[0], 1)


def from_buffer(args: tuple[Any, ...]) -> bool:
    """Accept the content, type, shape and order of an array inside another array's stream."""
    if len(args) != 4 or type(args[0]) not in (bytes, bytearray) or not isinstance(args[1], np.dtype):
        return False
    buffer, dtype, shape, order = args
    sound = is_shape(shape) and type(order) is str and order in ("C", "F")
    return sound and is_content(buffer, dtype, math.prod(shape))


def one_class(args: tuple[Any, ...]) -> bool:
    """Accept a class of distances or of neighbour trees, which is to be instantiated."""
    return len(args) == 1 and isinstance(args[0], type) and args[0].__module__ in NATIVE_MODULES


def bit_generator(args: tuple[Any, ...]) -> bool:
    """Accept numpy's source of random bits, for a random generator that draws from it; numpy 1 only names it."""
    if len(args) == 2:
        return type(args[0]) is str and args[0] in BitGenerators and args[1] is __bit_generator_ctor
    return len(args) == 1 and (isinstance(args[0], np.random.BitGenerator) or _is_name_of_numpy_1(args[0]))


def bit_generator_class(args: tuple[Any, ...]) -> bool:
    """Accept a class of such sources."""
    if len(args) != 1:
        return False
    is_class = isinstance(args[0], type) and issubclass(args[0], np.random.BitGenerator)
    return is_class or _is_name_of_numpy_1(args[0])


def _is_name_of_numpy_1(value: Any) -> bool:
    """Return whether a source is named as numpy 1 does, which is installed in environments only."""
    return np.__version__.startswith("1.") and type(value) is str and value in BitGenerators


def seed_sequence(args: tuple[Any, ...]) -> bool:
    """Accept numpy's class of seeds, a checksum, and no state: that follows."""
    return len(args) == 3 and args[0] is np.random.SeedSequence and type(args[1]) is int and args[2] is None


def loss(args: tuple[Any, ...]) -> bool:
    """Accept the class of a loss, a checksum, and at most one number, as Cython pickled losses."""
    if len(args) != 3 or not is_loss(args[0]) or type(args[1]) is not int:
        return False
    return args[2] is None or (type(args[2]) is tuple and len(args[2]) <= 1 and all(type(n) is float for n in args[2]))


def one_function(args: tuple[Any, ...]) -> bool:
    """Accept a function without arguments; the keywords follow as the state. Where it may stand is checked last."""
    return len(args) == 1 and type(args[0]) in FUNCTION_TYPES


def method_of_text(args: tuple[Any, ...]) -> bool:
    """Accept ``str`` and a method of it that makes a text, or words, of nothing but a text."""
    return len(args) == 2 and args[0] is str and type(args[1]) is str and args[1] in TEXT_METHODS


def member(args: tuple[Any, ...]) -> bool:
    """Accept the value of a member of an Enum."""
    if len(args) != 1:
        return False
    require_hashable(args[0])
    return True


def day(args: tuple[Any, ...]) -> bool:
    """Accept a date as its four bytes."""
    return len(args) == 1 and type(args[0]) is bytes and len(args[0]) == 4


def moment(args: tuple[Any, ...]) -> bool:
    """Accept a time of a day or a date and time as its bytes, perhaps with a fixed distance from UTC."""
    if len(args) not in (1, 2) or type(args[0]) is not bytes or len(args[0]) not in (6, 10):
        return False
    return type(args[-1]) in (bytes, timezone)


def span(args: tuple[Any, ...]) -> bool:
    """Accept days, seconds and microseconds."""
    return len(args) == 3 and all(type(arg) is int for arg in args)


def distance(args: tuple[Any, ...]) -> bool:
    """Accept the distance of a place from UTC, perhaps with a name."""
    return len(args) in (1, 2) and type(args[0]) is timedelta and all(type(name) is str for name in args[1:])


def regular_expression(args: tuple[Any, ...]) -> bool:
    """Accept a regular expression of ordinary length with its flags, but for the one that prints."""
    if len(args) != 2 or type(args[0]) not in (str, bytes) or type(args[1]) is not int:
        return False
    return len(args[0]) <= MAX_PATTERN_LENGTH and not args[1] & re.DEBUG


def tree(args: tuple[Any, ...]) -> bool:
    """Accept the number of features, of the classes of each output, and of outputs."""
    return len(args) == 3 and type(args[0]) is type(args[2]) is int and type(args[1]) is np.ndarray


def step_of_imputer(args: tuple[Any, ...]) -> bool:
    """Accept the number of an input, the numbers of those that it is guessed from, and the estimator that does it."""
    is_number = len(args) == 3 and isinstance(args[0], int | np.integer)
    return is_number and type(args[1]) is np.ndarray and isinstance(args[2], BaseEstimator)


def boundary(args: tuple[Any, ...]) -> bool:
    """Accept a bound of a distribution's values, and whether it is one of them."""
    return len(args) == 2 and type(args[0]) in (int, float) and type(args[1]) is bool


#: Named tuples, which are created with what they hold.
TUPLES: dict[tuple[str, str], Rule] = {
    ("sklearn._loss.glm_distribution", "DistributionBoundary"): boundary,
    ("sklearn.impute._iterative", "_ImputerTriplet"): step_of_imputer,
}
CALLS: dict[tuple[str, str], Rule] = {
    ("datetime", "date"): day,
    ("datetime", "datetime"): moment,
    ("datetime", "time"): moment,
    ("datetime", "timedelta"): span,
    ("datetime", "timezone"): distance,
    ("re", "_compile"): regular_expression,
    ("_codecs", "encode"): latin1,
    ("builtins", "bytearray"): content,
    ("builtins", "complex"): real_and_imaginary,
    ("builtins", "frozenset"): collection,
    METHOD: method_of_text,
    ("builtins", "set"): collection,
    ("builtins", "slice"): plain,
    ("collections", "OrderedDict"): nothing,
    ("collections", "defaultdict"): factory,
    ("functools", "partial"): one_function,
    ("numpy._core.multiarray", "_reconstruct"): empty_array,
    ("numpy.core.multiarray", "_reconstruct"): empty_array,
    ("numpy._core.multiarray", "scalar"): scalar,
    ("numpy.core.multiarray", "scalar"): scalar,
    ("numpy._core.numeric", "_frombuffer"): from_buffer,
    ("numpy.core.numeric", "_frombuffer"): from_buffer,
    ("numpy.ma.core", "_mareconstruct"): empty_masked_array,
    ("numpy.random._pickle", "__bit_generator_ctor"): bit_generator_class,
    ("numpy.random._pickle", "__generator_ctor"): bit_generator,
    ("numpy.random._pickle", "__randomstate_ctor"): bit_generator,
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"): seed_sequence,
    ("pandas", "StringDtype"): text_type,
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"): empty_texts,
    ("pandas.core.indexes.base", "_new_Index"): index,
    ("sklearn.metrics._dist_metrics", "newObj"): one_class,
    ("sklearn.neighbors._ball_tree", "newObj"): one_class,
    ("sklearn.neighbors._kd_tree", "newObj"): one_class,
    ("sklearn.tree._tree", "Tree"): tree,
}
#: Names of which the result gets a state afterwards.
STATEFUL = {
    ("functools", "partial"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.ma.core", "_mareconstruct"),
    ("numpy.random._pickle", "__bit_generator_ctor"),
    ("numpy.random._pickle", "__randomstate_ctor"),
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"),
    ("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked"),
    ("sklearn.metrics._dist_metrics", "newObj"),
    ("sklearn.neighbors._ball_tree", "newObj"),
    ("sklearn.neighbors._kd_tree", "newObj"),
    ("sklearn.tree._tree", "Tree"),
}
#: numpy 1 names the source of a generator's bits, whose numbers follow as the state; numpy 2 hands it over complete.
GENERATOR = ("numpy.random._pickle", "__generator_ctor")
#: Modules of losses written in Cython, which are created with a number or nothing.
LOSS_MODULES = (LOSSES, "sklearn.linear_model._sgd_fast")


def call_rule(module: str, name: str) -> Rule | None:
    """Return the rule of a name that may be called, if there is one."""
    if rebuilds_loss(module, name):
        return loss
    return CALLS.get((module, name)) or (plain if module in LOSS_MODULES else None)


def has_state(key: tuple[str, str], args: tuple[Any, ...]) -> bool:
    """Return whether the result of a call gets a state afterwards."""
    is_named = key == GENERATOR and type(args[0]) is str
    return key in STATEFUL or is_named or (rebuilds_loss(*key) and args[2] is None)


def rebuilds_loss(module: str, name: str) -> bool:
    """Return whether a name is one of Cython's functions that make a loss."""
    return module == LOSSES and name.startswith(REBUILDING)
