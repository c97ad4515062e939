"""Rules for the names of columns and the labels of rows as pandas keeps them: an Index of plain values."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from webapp.cell.gate.hashable import PLAIN_TYPES
from webapp.cell.gate.pandas_columns import is_column

#: What a RangeIndex is made of.
BOUNDS = ("start", "stop", "step")


def text_type(args: tuple[Any, ...]) -> bool:
    """Accept pandas' type of texts that are Python's own, with NaN for a blank."""
    return len(args) == 2 and args[0] == "python" and type(args[1]) is float and isnan(args[1])


def empty_texts(args: tuple[Any, ...]) -> bool:
    """Accept the class of an array of texts, which gets its content as its state."""
    return len(args) == 3 and args[0] is pd.arrays.StringArray and type(args[1]) is int and args[2] is None


def texts(_instance: Any, state: Any) -> bool:
    """Accept the type and the texts of such an array."""
    if type(state) is not tuple or len(state) not in (2, 3):
        return False
    # The third says that the array can't be changed, and nothing else.
    others = state[2] if len(state) == 3 else {"_readonly": True}
    is_plain = type(others) is dict and list(others) == ["_readonly"] and type(others["_readonly"]) is bool
    return is_plain and type(state[0]) is pd.StringDtype and _holds_texts(state[1])


def index(args: tuple[Any, ...]) -> bool:
    """Accept the class of an Index with its labels, or with the bounds of its numbers, and its name."""
    if len(args) != 2 or type(args[1]) is not dict:
        return False
    kind, state = args
    if type(state.get("name")) not in PLAIN_TYPES:
        return False
    if kind is pd.RangeIndex:
        bounds = [state.get(key) for key in BOUNDS]
        return set(state) == {"name", *BOUNDS} and all(type(bound) is int for bound in bounds) and state["step"] != 0
    data = state.get("data")
    is_plain = type(data) is pd.arrays.StringArray or is_column(data)
    return kind is pd.Index and set(state) == {"name", "data"} and is_plain


def _holds_texts(array: Any) -> bool:
    is_one = type(array) is np.ndarray and array.dtype == object and array.ndim == 1
    # pandas keeps NaN for a blank.
    return is_one and all(type(text) is str or (type(text) is float and isnan(text)) for text in array)
