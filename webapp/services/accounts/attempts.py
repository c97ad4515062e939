"""Limits on attempts, counted in the database for all workers together."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database.tables.accounts import AttemptRecord
from webapp.database.transactions import transaction, write
from webapp.errors import AccountsUnavailable, TooManyAttempts

ATTEMPTS = AttemptRecord.__table__
DAY = timedelta(days=1)
#: How long counts are kept.
RETENTION = DAY


class Attempts:
    """Counts attempts by subject in windows of time, and refuses those beyond the limit.

    Parameters
    ----------
    secret : str
        The key that subjects are hashed with, so that the table does not reveal names and addresses.
    """

    def __init__(self, engine: Engine, secret: str) -> None:
        self._engine = engine
        self._secret = secret.encode()

    def count(self, limits: Mapping[str, int], window: timedelta) -> None:
        """Count one attempt for each subject. Call this before the attempt, so that a burst can't exceed the limit.

        Callers that count the same subjects name them in the same order, so that two attempts never wait for
        each other.

        Raises
        ------
        TooManyAttempts
            When the attempt exceeds the limit of a subject in this window; it is not counted for any of them then.
        AccountsUnavailable
        """
        start = _start(window)
        with transaction(self._engine, AccountsUnavailable) as connection:
            is_first = False
            for subject, limit in limits.items():
                count = self._count(connection, subject, start)
                if count > limit:
                    raise TooManyAttempts(_seconds_until(start + window))
                is_first = is_first or count == 1
            if is_first:
                connection.execute(delete(AttemptRecord).where(ATTEMPTS.c.window_start < datetime.now(UTC) - RETENTION))

    def take_back(self, subject: str, window: timedelta) -> None:
        """Subtract one attempt that turned out not to fall under the limit.

        Raises
        ------
        AccountsUnavailable
        """
        statement = update(AttemptRecord).where(self._is_row_of(subject, window), ATTEMPTS.c.count > 0)
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(statement.values(count=ATTEMPTS.c.count - 1))

    def forget(self, subject: str, window: timedelta) -> None:
        """Reset the count of a subject, after a success.

        Raises
        ------
        AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(delete(AttemptRecord).where(self._is_row_of(subject, window)))

    def remember(self, subject: str, days: int) -> None:
        """Remember a subject for some days.

        Raises
        ------
        AccountsUnavailable
        """
        # A window in the future keeps the row for longer than any count; one for each day is enough.
        row = {"subject": self._hash(subject), "window_start": _start(DAY) + days * DAY, "count": 0}
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(insert(AttemptRecord).values(row).on_conflict_do_nothing())

    def remembers(self, subject: str) -> bool:
        """Return whether a subject is remembered.

        Raises
        ------
        AccountsUnavailable
        """
        is_kept = and_(ATTEMPTS.c.subject == self._hash(subject), ATTEMPTS.c.window_start > datetime.now(UTC))
        with transaction(self._engine, AccountsUnavailable) as connection:
            return bool(connection.execute(select(exists().where(is_kept))).scalar_one())

    def _count(self, connection: Connection, subject: str, start: datetime) -> int:
        row = {"subject": self._hash(subject), "window_start": start, "count": 1}
        statement = insert(AttemptRecord).values(row)
        statement = statement.on_conflict_do_update(
            index_elements=[ATTEMPTS.c.subject, ATTEMPTS.c.window_start], set_={"count": ATTEMPTS.c.count + 1}
        )
        return int(write(connection, statement.returning(ATTEMPTS.c.count)).scalar_one())

    def _is_row_of(self, subject: str, window: timedelta) -> ColumnElement[bool]:
        return and_(ATTEMPTS.c.subject == self._hash(subject), ATTEMPTS.c.window_start == _start(window))

    def _hash(self, subject: str) -> bytes:
        return hmac.digest(self._secret, b"attempts " + subject.encode(), hashlib.sha256)


def _seconds_until(end: datetime) -> int:
    return max(1, round((end - datetime.now(UTC)).total_seconds()))


def _start(window: timedelta) -> datetime:
    seconds = window.total_seconds()
    return datetime.fromtimestamp(datetime.now(UTC).timestamp() // seconds * seconds, UTC)
