"""The categories that an estimator has met in training, as values that a client can send."""

from __future__ import annotations

import numpy as np
import pandas as pd

from webapp.errors import NotServable
from webapp.helpers.values import as_value
from webapp.types import Value


def is_missing(value: object) -> bool:
    """Return whether a category stands for a blank: None, NaN or pandas' NA."""
    # NA is checked before the comparison, which it refuses.
    return value is None or value is pd.NA or value != value


def as_choice(category: object) -> Value:
    """Turn a category into a Python value that a client can send.

    Raises
    ------
    NotServable
        When there is no such value, as for a date.
    """
    if not isinstance(category, str | bool | int | float | np.bool_ | np.integer | np.floating):
        kind = type(category).__name__
        raise NotServable(f"It knows categories of type {kind}, which neither a form nor JSON can send.")
    return as_value(category)
