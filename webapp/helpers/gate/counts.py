"""Numbers of things, as a file gives them."""

from __future__ import annotations

from typing import Any


def is_count(value: Any, expected: int) -> bool:
    """Tell whether a value is exactly this whole number, not something that is merely equal to it."""
    return type(value) is int and value == expected
