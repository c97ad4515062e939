"""How old something must be, as people write it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

AGE = re.compile(r"(\d{1,4}) ?(day|month|year)s?")
MONTHS = {"month": 1, "year": 12}


def instant(text: str, now: datetime) -> datetime:
    """Give the instant that is ``24months`` before now, or at which a date such as ``2026-01-01`` begins.

    Raises
    ------
    ValueError
    """
    if not (found := AGE.fullmatch(text)):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    count, unit = int(found[1]), found[2]
    if unit == "day":
        return now - timedelta(days=count)
    months = now.year * 12 + now.month - 1 - count * MONTHS[unit]
    # The 31st of a month that has none is its first day here: rather keep too much.
    day = now.day if now.day <= 28 else 1
    return now.replace(year=months // 12, month=months % 12 + 1, day=day)
