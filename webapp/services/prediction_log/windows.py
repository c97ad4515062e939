"""Goes through the log in the order of its keys, window by window, for as long as it may."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, Executable, Row, select, text
from sqlalchemy.exc import OperationalError

from webapp.helpers.records.filters import Filter
from webapp.services.prediction_log.conditions import KEY, TABLE, Condition, beyond, indexed, looked_for, order, up_to

#: So many rows are looked at first; each further window is larger, up to the largest.
FIRST_WINDOW = 2_000
GROWTH = 5
LARGEST_WINDOW = 250_000


class OutOfTime(Exception):
    """PostgreSQL had no more time for this."""


class Deadline:
    """What is left of the seconds that someone may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return self._end - time.monotonic()

    def run(self, connection: Connection, statement: Executable) -> Sequence[Row[Any]]:
        """Run a statement, for no longer than what is left.

        Raises
        ------
        OutOfTime
        """
        milliseconds = int(self.left * 1000)
        if milliseconds <= 0:
            raise OutOfTime
        connection.execute(text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": str(milliseconds)})
        try:
            return connection.execute(statement).all()
        except OperationalError as error:
            if isinstance(error.orig, QueryCanceled):
                raise OutOfTime from None
            raise


@dataclass
class WindowedSearch:
    """A search under way: what it found, and how far it looked."""

    filter: Filter
    #: The last record that was looked at; None before the first.
    reached: UUID | None = None
    #: Whether there is nothing beyond.
    ended: bool = False

    def go(self, connection: Connection, deadline: Deadline, limit: int) -> list[Row[Any]]:
        """Find up to ``limit`` further rows, or those up to which the time sufficed."""
        found: list[Row[Any]] = []
        window = FIRST_WINDOW
        try:
            while len(found) < limit and not self.ended:
                found += self._step(connection, deadline, limit - len(found), window)
                window = min(window * GROWTH, LARGEST_WINDOW)
        except OutOfTime:
            # The transaction is over, and what was found so far stays found.
            pass
        return found

    def _step(self, connection: Connection, deadline: Deadline, limit: int, window: int) -> Sequence[Row[Any]]:
        sought = looked_for(self.filter)
        end = self.end_of(connection, deadline, window) if sought else None
        within = [up_to(self.filter, end)] if end else []
        query = select(TABLE).where(*self._ahead(), *within, *sought).order_by(*order(self.filter)).limit(limit)
        rows = deadline.run(connection, query)
        if len(rows) == limit:
            self.reached = rows[-1].id
        else:
            self.reached, self.ended = end or self.reached, end is None
        return rows

    def end_of(self, connection: Connection, deadline: Deadline, window: int) -> UUID | None:
        """Find where a window ends; None when the log ends before it does."""
        query = select(*KEY).where(*self._ahead()).order_by(*order(self.filter)).offset(window - 1).limit(1)
        rows = deadline.run(connection, query)
        return rows[0].id if rows else None

    def _ahead(self) -> list[Condition]:
        return indexed(self.filter) + ([beyond(self.filter, self.reached)] if self.reached else [])
