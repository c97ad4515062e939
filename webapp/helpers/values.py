"""Values as Python and JSON know them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from webapp.types import Value


def distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """Leave repetitions out; 1, true and "1" are three values."""
    return tuple({(type(value), value): value for value in values}.values())


def as_value(value: object) -> Value:
    """Turn a numpy scalar into the Python value that JSON knows; 2.0 becomes 2."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53:
        return int(plain)
    return plain if isinstance(plain, (bool, int, float, str)) else str(plain)
