"""Searches the log in the order of its keys, window by window, until a deadline."""

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
from webapp.services.prediction_log.conditions import KEY, TABLE, Condition, beyond, indexed, order, unindexed, up_to

#: Rows in the first window; each further window is larger by the factor, up to the maximum.
FIRST_WINDOW_ROWS = 2_000
WINDOW_GROWTH = 5
MAX_WINDOW_ROWS = 250_000


class OutOfTime(Exception):
    """The deadline has passed."""


class Deadline:
    """The seconds that are left for a task."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return self._end - time.monotonic()

    def run(self, connection: Connection, statement: Executable) -> Sequence[Row[Any]]:
        """Run a statement, for at most the seconds that are left.

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
    """A search in progress: its filter, and how far it has got."""

    filter: Filter
    #: The last record that was searched; None before the first.
    reached: UUID | None = None
    #: Whether the end of the log was reached.
    ended: bool = False

    def next_rows(self, connection: Connection, deadline: Deadline, limit: int) -> list[Row[Any]]:
        """Return up to ``limit`` further rows, or those that were found before the deadline."""
        rows: list[Row[Any]] = []
        window = FIRST_WINDOW_ROWS
        try:
            while len(rows) < limit and not self.ended:
                rows += self._search_window(connection, deadline, limit - len(rows), window)
                window = min(window * WINDOW_GROWTH, MAX_WINDOW_ROWS)
        except OutOfTime:
            # The transaction is over; the rows that were found so far are returned.
            pass
        return rows

    def _search_window(self, connection: Connection, deadline: Deadline, limit: int, window: int) -> Sequence[Row[Any]]:
        conditions = unindexed(self.filter)
        end = self.end_of(connection, deadline, window) if conditions else None
        within = [up_to(self.filter, end)] if end else []
        query = select(TABLE).where(*self._remaining(), *within, *conditions).order_by(*order(self.filter)).limit(limit)
        rows = deadline.run(connection, query)
        if len(rows) == limit:
            self.reached = rows[-1].id
        else:
            self.reached, self.ended = end or self.reached, end is None
        return rows

    def end_of(self, connection: Connection, deadline: Deadline, window: int) -> UUID | None:
        """Return the last record of a window; None if the log ends before the window does."""
        query = select(*KEY).where(*self._remaining()).order_by(*order(self.filter)).offset(window - 1).limit(1)
        rows = deadline.run(connection, query)
        return rows[0].id if rows else None

    def _remaining(self) -> list[Condition]:
        return indexed(self.filter) + ([beyond(self.filter, self.reached)] if self.reached else [])
