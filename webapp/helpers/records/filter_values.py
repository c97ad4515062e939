"""The values of a filter's parameters: which texts are allowed, and what they mean."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, cast
from uuid import UUID

from webapp.helpers.uuid7 import read_uuid7
from webapp.types import Channel, Status, Value

#: Maximum number of characters in the name or the value of a parameter.
MAX_LENGTH = 500
ORDERS = ("newest", "oldest")
#: The value that stands for records of every status.
EVERY_STATUS = "all"
YES = "true"
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
COMPARISON = re.compile(rf"(>=|<=|>|<)\s*({NUMBER})", re.ASCII)
BETWEEN = re.compile(rf"({NUMBER})\s+to\s+({NUMBER})", re.ASCII)
#: The hexadecimal digits at the end of a record's id that people call the number of its case.
CASE_DIGITS = 8
CASE = re.compile(rf"[0-9a-f]{{{CASE_DIGITS}}}")

Operator = Literal[">", ">=", "<", "<="]


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One bound of a range of numbers."""

    operator: Operator
    number: Decimal


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


def number_range(text: str) -> list[Bound]:
    """Return the bounds of the range that a text such as ``> 50`` or ``18 to 65`` stands for; none for other texts."""
    bounds: list[tuple[Operator, float]] = []
    if found := COMPARISON.fullmatch(text):
        bounds = [(cast(Operator, found[1]), float(found[2]))]
    elif found := BETWEEN.fullmatch(text):
        bounds = [(">=", float(found[1])), ("<=", float(found[2]))]
    if not all(math.isfinite(number) for _, number in bounds):
        return []
    # Through float, because PostgreSQL refuses exponents that no recorded number has.
    return [Bound(operator=operator, number=Decimal(repr(number))) for operator, number in bounds]


def case_number(id: UUID) -> str:
    """Return the short number of a case: the end of its id, which differs even between ids of one moment."""
    return id.hex[-CASE_DIGITS:]


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


def _id(text: str) -> UUID | str:
    if CASE.fullmatch(text.lower()):
        return text.lower()
    try:
        return read_uuid7(text)
    except ValueError:
        raise ValueError(f"Enter the {CASE_DIGITS} characters of a case number, or the whole id of a record.") from None


def _yes(text: str) -> bool:
    if text != YES:
        raise ValueError(f"This must be {YES}, or left out.")
    return True


#: The reader of each parameter but the inputs; it raises ValueError with a sentence about the text.
READERS: dict[str, Callable[[str], Any]] = {
    "model": str,
    "version": str,
    "channel": _one_of(Channel),
    "status": _one_of([*Status, EVERY_STATUS]),
    "actor": str,
    "mine": _yes,
    "warnings": _yes,
    "class": str,
    "from": _day,
    "to": _day,
    "id": _id,
    "order": _one_of(ORDERS),
}
