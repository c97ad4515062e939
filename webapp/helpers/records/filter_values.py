"""The values of a filter's parameters: which texts are allowed, and what they mean."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from webapp.helpers.uuid7 import read_uuid7
from webapp.types import Channel, Status, Value

#: Maximum number of characters in the name or the value of a parameter.
MAX_LENGTH = 500
ORDERS = ("newest", "oldest")


def is_searchable(text: str) -> bool:
    """Return whether PostgreSQL can store the text and it is short enough to be searched for."""
    is_surrogate = any("\ud800" <= character <= "\udfff" for character in text)
    return len(text) <= MAX_LENGTH and "\0" not in text and not is_surrogate


def possible_values(text: str) -> list[Value]:
    """Return the values that a text may stand for: the text itself, and the number, boolean or blank that it spells."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    if isinstance(value, float):
        return [text, value] if math.isfinite(value) else [text]
    return [text, value] if value is None or isinstance(value, int) else [text]


def _one_of(choices: Iterable[str]) -> Callable[[str], str]:
    allowed = tuple(choices)

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"This must be {', '.join(allowed[:-1])} or {allowed[-1]}.")
        return text

    return read


def _day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        day = date.min
    if not 1970 <= day.year < 3000:
        raise ValueError("Enter a date like 2026-11-24.")
    return day


def _id(text: str) -> UUID:
    try:
        return read_uuid7(text)
    except ValueError:
        raise ValueError("This is not the id of a prediction.") from None


#: The reader of each parameter but the inputs; it raises ValueError with a sentence about the text.
READERS: dict[str, Callable[[str], Any]] = {
    "model": str,
    "version": str,
    "channel": _one_of(Channel),
    "status": _one_of(Status),
    "class": str,
    "from": _day,
    "to": _day,
    "id": _id,
    "order": _one_of(ORDERS),
}
