"""Rules for the names of columns as pandas keeps them: an Index of texts, which people dump beside their model."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import pandas as pd


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
    """Accept the class of an Index with its texts and its name."""
    if len(args) != 2 or args[0] is not pd.Index or type(args[1]) is not dict or set(args[1]) != {"data", "name"}:
        return False
    data, name = args[1]["data"], args[1]["name"]
    return (type(data) is pd.arrays.StringArray or _holds_texts(data)) and (name is None or type(name) is str)


def _holds_texts(array: Any) -> bool:
    is_column = type(array) is np.ndarray and array.dtype == object and array.ndim == 1
    return is_column and all(type(text) is str for text in array)
