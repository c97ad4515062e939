"""Small checks that the rules share: plain values, counts, shapes, and the content of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.cell.gate.booleans import require_valid_booleans


def plain_tuple(_instance: Any, state: Any) -> bool:
    """Accept a tuple of plain values and arrays, for classes written in Cython."""
    return type(state) is tuple and all(map(is_plain, state))


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


def is_count(value: Any, expected: int) -> bool:
    """Return whether a value is exactly this whole number, not something that is merely equal to it."""
    return type(value) is int and value == expected


def is_version(value: Any) -> bool:
    """Return whether a value is a text short enough to be shown as a version."""
    return type(value) is str and len(value) <= 50


def is_shape(value: Any) -> bool:
    """Return whether a value is a tuple of lengths."""
    return type(value) is tuple and all(type(length) is int and length >= 0 for length in value)


def is_content(content: bytes | bytearray, dtype: np.dtype[Any], count: int) -> bool:
    """Return whether bytes are exactly as many elements of this type as the count says.

    Raises
    ------
    ArtifactRefused
        When there are booleans among them that are neither true nor false.
    """
    if dtype.hasobject or count * dtype.itemsize != len(content):
        return False
    if content:
        require_valid_booleans(np.frombuffer(content, dtype=dtype))
    return True


def has_fields(array: np.ndarray[Any, Any], *names: str) -> bool:
    """Return whether the elements of an array are records with these fields."""
    return set(names) <= set(array.dtype.names or ())


def are_indices(numbers: np.ndarray[Any, Any], length: int) -> bool:
    """Return whether all numbers are places in something of this length."""
    return bool(((numbers >= 0) & (numbers < length)).all())
