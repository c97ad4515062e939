"""How old something must be, as people write it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

AGE = re.compile(r"(\d{1,4}) ?(day|month|year)s?")
MONTHS = {"month": 1, "year": 12}


def instant(text: str, now: datetime) -> datetime:
    """Return the instant that lies an age such as ``24months`` before now, or the start of a date (``2026-01-01``).

    Raises
    ------
    ValueError
    """
    if not (match := AGE.fullmatch(text)):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    count, unit = int(match[1]), match[2]
    if unit == "day":
        return now - timedelta(days=count)
    months = now.year * 12 + now.month - 1 - count * MONTHS[unit]
    # Days after the 28th do not exist in every month; the first of the month keeps too much rather than too little.
    day = now.day if now.day <= 28 else 1
    return now.replace(year=months // 12, month=months % 12 + 1, day=day)
