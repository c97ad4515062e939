"""Dates in ISO 8601, as forms, JSON and pandas write them."""

from __future__ import annotations

import re
from datetime import datetime

from pydantic_core import PydanticCustomError

#: A day, and perhaps a time of day. With nanoseconds, pandas knows only the years from 1678 to 2261.
MOMENT = re.compile(
    r"^(?:1[7-9][0-9]{2}|2[0-1][0-9]{2}|22[0-5][0-9])-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,6})?)?)?$"
)


def read_date(text: str) -> str:
    """Return a day as 2024-01-15; pandas writes it with a time of zero.

    Raises
    ------
    PydanticCustomError
    """
    moment = _read(text)
    if moment is None or moment.time() != datetime.min.time():
        raise PydanticCustomError("date", "must be a date, for example 2024-01-15")
    return moment.date().isoformat()


def read_datetime(text: str) -> str:
    """Return a date and time as 2024-01-15T12:00:00; a day alone begins at midnight.

    Raises
    ------
    PydanticCustomError
    """
    if (moment := _read(text)) is None:
        message = "must be a date and time without a time zone, for example 2024-01-15T12:00"
        raise PydanticCustomError("date", message)
    return moment.isoformat()


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    except ValueError:
        return None
