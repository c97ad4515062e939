"""What the gate says of a file, asked in a process of its own."""

from __future__ import annotations

from typing import Any

from tests.gate.child import in_child
from webapp.errors import NotServable
from webapp.models.gate import Grants, inspect, load

GRANTS = Grants.of()


def verdict(data: bytes, **limits: Any) -> str:
    """Inspect and load; give the reason of the refusal, or "loaded"."""
    found: str = in_child(lambda: both(data), **limits)
    return found


def both(data: bytes) -> str:
    inspect(data).refused(GRANTS)
    try:
        load(data, GRANTS)
    except NotServable as error:
        return error.message
    return "loaded"
