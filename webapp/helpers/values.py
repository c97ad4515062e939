"""Values in the types that Python and JSON share."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from webapp.types import Value

#: True and false as pandas and JSON write them, in lower case.
TRUTH = {"true": True, "false": False}


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return the values without repetitions; 1, true and "1" are three values."""
    return tuple({(type(value), value): value for value in values}.values())


def as_value(value: object) -> Value:
    """Convert a numpy scalar to a Python value that JSON has; 2.0 becomes 2."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53:
        return int(plain)
    return plain if isinstance(plain, (bool, int, float, str)) else str(plain)
