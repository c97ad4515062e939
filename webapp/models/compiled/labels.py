"""Categories, classes and other labels as JSON has them, each in its exact type."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from webapp.helpers.storable import is_storable
from webapp.models.compiled.refusals import NotCompilable, PlanInvalid
from webapp.types import Value

#: How the numbers are written that JSON lacks.
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def write_label(value: object) -> Any:
    """Return a label as JSON has it.

    Raises
    ------
    NotCompilable
        When it is neither a text nor a number nor a blank.
    """
    plain = value.item() if isinstance(value, np.generic) else value
    if type(plain) not in (bool, int, float, str, type(None)):
        raise NotCompilable("it knows categories or classes that are neither texts nor numbers")
    return {"float": repr(plain)} if isinstance(plain, float) and not math.isfinite(plain) else plain


def read_label(value: Any) -> Value:
    """Return the label that was written.

    Raises
    ------
    PlanInvalid
    """
    if type(value) is dict:
        for written, number in NOT_FINITE.items():
            if value == {"float": written}:
                return number
    elif (type(value) in (bool, int, str, type(None)) or _is_finite(value)) and is_storable(value):
        return value  # type: ignore[no-any-return]  # its type was just checked
    raise PlanInvalid("a label is neither a text nor a number nor a blank, or can't be stored")


def _is_finite(value: object) -> bool:
    return type(value) is float and math.isfinite(value)
