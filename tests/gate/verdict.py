"""What the gate says of a file, found out in a child process."""

from __future__ import annotations

from typing import Any

from tests.gate.child import in_child
from webapp.cell.gate import Grants, inspect, load
from webapp.errors import NotServable

GRANTS = Grants.of()


def verdict(data: bytes, **limits: Any) -> str:
    """Inspect and load; return the reason for the refusal, or "loaded"."""
    reason: str = in_child(lambda: both(data), **limits)
    return reason


def both(data: bytes) -> str:
    """Do the same in this process."""
    inspect(data).refused_uses(GRANTS)
    try:
        load(data, GRANTS)
    except NotServable as error:
        return error.message
    return "loaded"
