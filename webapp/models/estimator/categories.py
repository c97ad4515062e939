"""The categories that an estimator remembers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from webapp.errors import NotServable
from webapp.helpers.values import as_value
from webapp.types import Value


def is_missing(value: object) -> bool:
    """Whether a category stands for a blank: None, NaN or pandas' NA."""
    # NA comes first: it refuses to be compared.
    return value is None or value is pd.NA or value != value


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
