"""How often somebody tried something, counted in the database for all workers together."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database.tables.accounts import AttemptRecord
from webapp.database.transactions import transaction
from webapp.errors import AccountsUnavailable, TooManyAttempts

ATTEMPTS = AttemptRecord.__table__
KEPT = timedelta(days=1)


class Attempts:
    """Counts attempts by subject in windows of time, and refuses those that are too many.

    Parameters
    ----------
    secret : str
        Keeps whoever reads the table from learning names and addresses.
    """

    def __init__(self, engine: Engine, secret: str) -> None:
        self._engine = engine
        self._secret = secret.encode()

    def count(self, limits: Mapping[str, int], window: timedelta) -> None:
        """Count one attempt for each subject, before what is attempted is done, so that a burst gets no more of them.

        Subjects whose limits are reached together are always named in the same order, so that no two
        attempts wait for each other.

        Raises
        ------
        TooManyAttempts
            When it would be one more in this window than a subject may have; then it is counted for none of them.
        AccountsUnavailable
        """
        start = _start(window)
        with transaction(self._engine, AccountsUnavailable) as connection:
            first = False
            for subject, most in limits.items():
                counted = self._count(connection, subject, start)
                self._refuse(counted > most, start + window)
                first = first or counted == 1
            if first:
                connection.execute(delete(AttemptRecord).where(ATTEMPTS.c.window_start < datetime.now(UTC) - KEPT))

    def take_back(self, subject: str, window: timedelta) -> None:
        """Count one attempt less, because it was none of those that are limited.

        Raises
        ------
        AccountsUnavailable
        """
        fewer = update(AttemptRecord).where(self._which(subject, window), ATTEMPTS.c.count > 0)
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(fewer.values(count=ATTEMPTS.c.count - 1))

    def forget(self, subject: str, window: timedelta) -> None:
        """Begin again with nothing, after a success.

        Raises
        ------
        AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(delete(AttemptRecord).where(self._which(subject, window)))

    def _count(self, connection: Connection, subject: str, start: datetime) -> int:
        row = {"subject": self._hash(subject), "window_start": start, "count": 1}
        counting = insert(AttemptRecord).values(row)
        counting = counting.on_conflict_do_update(
            index_elements=[ATTEMPTS.c.subject, ATTEMPTS.c.window_start], set_={"count": ATTEMPTS.c.count + 1}
        )
        return int(connection.execute(counting.returning(ATTEMPTS.c.count)).scalar_one())

    def _which(self, subject: str, window: timedelta) -> ColumnElement[bool]:
        return and_(ATTEMPTS.c.subject == self._hash(subject), ATTEMPTS.c.window_start == _start(window))

    def _hash(self, subject: str) -> bytes:
        return hmac.digest(self._secret, b"attempts " + subject.encode(), hashlib.sha256)

    @staticmethod
    def _refuse(too_many: bool, end: datetime) -> None:
        if too_many:
            raise TooManyAttempts(max(1, round((end - datetime.now(UTC)).total_seconds())))


def _start(window: timedelta) -> datetime:
    seconds = window.total_seconds()
    return datetime.fromtimestamp(datetime.now(UTC).timestamp() // seconds * seconds, UTC)
