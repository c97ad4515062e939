"""Compares this machine's clock with the database's."""

from __future__ import annotations

import time

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

#: Seconds by which the clocks may differ without a word; asking takes a part of them.
TOLERANCE_SECONDS = 10.0
NOW = text("SELECT extract(epoch FROM clock_timestamp())")


def clock_warning(engine: Engine) -> str | None:
    """Return a sentence if this machine's clock differs from the database's; None also while that is out of reach."""
    try:
        with engine.connect() as connection:
            ahead = time.time() - float(connection.scalar(NOW) or 0)
    except DBAPIError:
        return None
    if abs(ahead) <= TOLERANCE_SECONDS:
        return None
    return (
        f"This machine's clock is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} the database's, so "
        "predictions get wrong times. Synchronize the clocks (NTP)"
    )
