"""Small checks that the rules share: plain values, versions, shapes, and the content of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.models.file_report import VERSION


def plain_tuple(_instance: Any, state: Any) -> bool:
    """Accept a tuple of plain values and arrays, for classes written in Cython."""
    return type(state) is tuple and all(map(is_plain, state))


def plain_dict(_instance: Any, state: Any) -> bool:
    """Accept a dict of plain values and arrays."""
    return type(state) is dict and is_plain(state)


def is_plain(value: Any, depth: int = 0) -> bool:
    """Return whether a value is a plain one, an array of numbers or texts, or a container of such."""
    if depth > 4:
        return False
    if type(value) in (tuple, list):
        return all(is_plain(item, depth + 1) for item in value)
    if type(value) is dict:
        return all(type(key) is str and is_plain(item, depth + 1) for key, item in value.items())
    if isinstance(value, np.ndarray):
        return not value.dtype.hasobject
    return value is None or isinstance(value, str | int | float | bool | bytes | np.generic)


def is_version(value: Any) -> bool:
    """Return whether a value is a version as packages have it."""
    return type(value) is str and VERSION.fullmatch(value) is not None


def is_shape(value: Any) -> bool:
    """Return whether a value is a tuple of lengths."""
    return type(value) is tuple and all(type(length) is int and length >= 0 for length in value)


def is_content(content: bytes | bytearray, dtype: np.dtype[Any], count: int) -> bool:
    """Return whether bytes are exactly as many elements of this type as the count says, and none of them an object."""
    return not dtype.hasobject and count * dtype.itemsize == len(content)
