"""The values that an estimator remembers, as Python and JSON know them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from webapp.errors import NotServable
from webapp.types import Value


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """Leave repetitions out; 1, true and "1" are three values."""
    return tuple({(type(value), value): value for value in values}.values())


def is_missing(value: object) -> bool:
    """Whether a category stands for a blank: None, NaN or pandas' NA."""
    # NA comes first: it refuses to be compared.
    return value is None or value is pd.NA or value != value


def as_value(value: object) -> Value:
    """Turn a numpy scalar into the Python value that JSON knows; 2.0 becomes 2."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53:
        return int(plain)
    return plain if isinstance(plain, (bool, int, float, str)) else str(plain)


def as_choice(category: object) -> Value:
    """Turn a category into a Python value that a caller can send.

    Raises
    ------
    NotServable
        When there is none, as for a date.
    """
    if not isinstance(category, str | bool | int | float | np.bool_ | np.integer | np.floating):
        kind = type(category).__name__
        raise NotServable(f"It knows categories of the type {kind}, which neither a form nor JSON can give.")
    return as_value(category)
