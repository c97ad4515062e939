"""Rules for a pandas Series of plain values, such as the means of groups that people keep in a transformer.

pandas checks neither that values and labels are as many, nor what they are; so that is done here. Other kinds of
values, such as categories, and a DataFrame are refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from webapp.cell.gate.hashable import PLAIN_TYPES
from webapp.cell.gate.names import key_of

#: The class of what holds the values of a Series.
ONE_BLOCK = ("pandas.core.internals.managers", "SingleBlockManager")
KINDS_OF_NUMBERS = "biuf"
STATE_OF_SERIES = {"_mgr", "_typ", "_metadata", "attrs", "_flags", "_name"}
#: The version of pandas since which the state of the values is written like this.
LAYOUT = "0.14.1"


def is_column(value: Any) -> bool:
    """Return whether a value is a one-dimensional array of numbers or of plain values."""
    if type(value) is not np.ndarray or value.ndim != 1:
        return False
    if value.dtype == object:
        return all(type(each) in PLAIN_TYPES for each in value)
    return value.dtype.kind in KINDS_OF_NUMBERS


def one_block(_instance: Any, state: Any) -> bool:
    """Accept one Index and one column of the same length."""
    if type(state) is not tuple or len(state) != 4 or type(state[3]) is not dict or list(state[3]) != [LAYOUT]:
        return False
    axes, blocks = _entries(state[3][LAYOUT], "axes", "blocks")
    if not (type(axes) is list and type(blocks) is list and len(axes) == len(blocks) == 1):
        return False
    values, places = _entries(blocks[0], "values", "mgr_locs")
    is_one = type(values) is pd.arrays.StringArray or is_column(values)
    if not (isinstance(axes[0], pd.Index) and is_one and len(axes[0]) == len(values)):
        return False
    if type(places) is slice:
        return places == slice(0, len(values), 1)
    return is_column(places) and len(places) == len(values) == 0


def series(_instance: Any, state: Any) -> bool:
    """Accept the values with a name, and nothing else that could be set."""
    if type(state) is not dict or set(state) != STATE_OF_SERIES:
        return False
    types = {key: type(value) for key, value in state.items()}
    return (
        key_of(types["_mgr"]) == ONE_BLOCK
        and types["_name"] in PLAIN_TYPES
        and (types["_typ"], types["_metadata"], types["attrs"], types["_flags"]) == (str, list, dict, dict)
        and (state["_typ"], state["_metadata"], state["attrs"]) == ("series", ["_name"], {})
        and [(key, type(value)) for key, value in state["_flags"].items()] == [("allows_duplicate_labels", bool)]
    )


def _entries(value: Any, *keys: str) -> tuple[Any, ...]:
    is_known = type(value) is dict and set(value) == set(keys)
    return tuple(value[key] for key in keys) if is_known else (None,) * len(keys)
