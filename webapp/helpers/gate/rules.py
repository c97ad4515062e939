"""What each name that may be called may be called with.

Each rule is given the arguments and says whether they are what the name's own pickles hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.helpers.gate.hashable import require_hashable

Rule = Callable[[tuple[Any, ...]], bool]

PLAIN = (str, int, float, bool, bytes, type(None))


def latin1(args: tuple[Any, ...]) -> bool:
    """Bytes in the oldest protocols."""
    return len(args) == 2 and type(args[0]) is str and args[1] in ("latin1", "latin-1")


def plain(args: tuple[Any, ...]) -> bool:
    return len(args) <= 4 and all(type(arg) in PLAIN for arg in args)


def collection(args: tuple[Any, ...]) -> bool:
    """A set in the older protocols: a list of plain values."""
    if len(args) != 1 or type(args[0]) is not list:
        return False
    for item in args[0]:
        require_hashable(item)
    return True


def nothing(args: tuple[Any, ...]) -> bool:
    return not args


def factory(args: tuple[Any, ...]) -> bool:
    return args in ((), (None,), (int,), (float,), (list,), (dict,), (set,))


def empty_array(args: tuple[Any, ...]) -> bool:
    return len(args) == 3 and args[0] is np.ndarray and args[1] == (0,) and args[2] in (b"b", "b")


def empty_masked_array(args: tuple[Any, ...]) -> bool:
    return (
        len(args) == 4
        and args[0] is np.ma.MaskedArray
        and args[1] is np.ndarray
        and args[2] == (0,)
        and args[3] in (b"b", "b")
    )


def scalar(args: tuple[Any, ...]) -> bool:
    return (
        len(args) == 2
        and isinstance(args[0], np.dtype)
        and not args[0].hasobject
        and type(args[1]) is bytes
        and len(args[1]) == args[0].itemsize
    )


def from_buffer(args: tuple[Any, ...]) -> bool:
    """An array inside another array's stream."""
    if len(args) != 4 or type(args[0]) not in (bytes, bytearray) or not isinstance(args[1], np.dtype):
        return False
    buffer, dtype, shape, order = args
    sound = type(shape) is tuple and all(type(length) is int and length >= 0 for length in shape)
    return sound and not dtype.hasobject and math.prod(shape) * dtype.itemsize == len(buffer) and order in ("C", "F")


def one_class(args: tuple[Any, ...]) -> bool:
    """A class that was granted as a value, to make an instance of."""
    return len(args) == 1 and isinstance(args[0], type)


def bit_generator(args: tuple[Any, ...]) -> bool:
    return len(args) == 1 and isinstance(args[0], np.random.BitGenerator)


def bit_generator_class(args: tuple[Any, ...]) -> bool:
    return len(args) == 1 and isinstance(args[0], type) and issubclass(args[0], np.random.BitGenerator)


def seed_sequence(args: tuple[Any, ...]) -> bool:
    return len(args) == 3 and args[0] is np.random.SeedSequence and type(args[1]) is int and args[2] is None


def check_array_alone(args: tuple[Any, ...]) -> bool:
    from sklearn.utils.validation import check_array

    return len(args) == 1 and args[0] is check_array


def tree(args: tuple[Any, ...]) -> bool:
    """The number of features, of the classes of each output, and of outputs."""
    if len(args) != 3:
        return False
    n_features, n_classes, n_outputs = args
    return (
        type(n_features) is int
        and type(n_outputs) is int
        and isinstance(n_classes, np.ndarray)
        and n_classes.dtype == np.intp
        and n_classes.shape == (n_outputs,)
        and n_features >= 0
        and bool((n_classes > 0).all())
    )


CALLS: dict[tuple[str, str], Rule] = {
    ("_codecs", "encode"): latin1,
    ("builtins", "bytearray"): plain,
    ("builtins", "complex"): plain,
    ("builtins", "frozenset"): collection,
    ("builtins", "set"): collection,
    ("builtins", "slice"): plain,
    ("collections", "OrderedDict"): nothing,
    ("collections", "defaultdict"): factory,
    ("functools", "partial"): check_array_alone,
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
    ("sklearn.metrics._dist_metrics", "newObj"): one_class,
    ("sklearn.neighbors._ball_tree", "newObj"): one_class,
    ("sklearn.neighbors._kd_tree", "newObj"): one_class,
    ("sklearn.tree._tree", "Tree"): tree,
}
#: Those whose result is given a state afterwards.
STATEFUL = {
    ("functools", "partial"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.ma.core", "_mareconstruct"),
    ("numpy.random._pickle", "__bit_generator_ctor"),
    ("numpy.random._pickle", "__randomstate_ctor"),
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"),
    ("sklearn.metrics._dist_metrics", "newObj"),
    ("sklearn.neighbors._ball_tree", "newObj"),
    ("sklearn.neighbors._kd_tree", "newObj"),
    ("sklearn.tree._tree", "Tree"),
}
#: The losses written in Cython take a number or nothing.
LOSSES = ("sklearn._loss._loss", "sklearn.linear_model._sgd_fast")


def rule_of(module: str, name: str) -> Rule | None:
    """Give the rule of a name that may be called, if there is one."""
    return plain if module in LOSSES else CALLS.get((module, name))
