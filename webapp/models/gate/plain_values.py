"""Values that are nothing but values: plain ones, arrays of numbers, and containers of such."""

from __future__ import annotations

from typing import Any

import numpy as np


def plain_tuple(_made: Any, state: Any) -> bool:
    """A tuple of plain values and arrays, for classes written in Cython."""
    return type(state) is tuple and all(map(is_plain, state))


def is_plain(value: Any, depth: int = 0) -> bool:
    if depth > 4:
        return False
    if type(value) in (tuple, list):
        return all(is_plain(each, depth + 1) for each in value)
    if type(value) is dict:
        return all(type(key) is str and is_plain(each, depth + 1) for key, each in value.items())
    if isinstance(value, np.ndarray):
        return not value.dtype.hasobject
    return value is None or isinstance(value, str | int | float | bool | bytes | np.generic)


def is_count(value: Any, expected: int) -> bool:
    """Tell whether a value is exactly this whole number, not something that is merely equal to it."""
    return type(value) is int and value == expected
