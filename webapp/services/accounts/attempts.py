"""How often somebody tried something, counted in the database for all workers together."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database.accounts import AttemptRecord
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

    def count(self, subject: str, most: int, window: timedelta) -> None:
        """Count one attempt.

        Raises
        ------
        TooManyAttempts
            When there were more than ``most`` in this window.
        AccountsUnavailable
        """
        start = _start(window)
        row = {"subject": self._hash(subject), "window_start": start, "count": 1}
        counting = insert(AttemptRecord).values(row)
        counting = counting.on_conflict_do_update(
            index_elements=[ATTEMPTS.c.subject, ATTEMPTS.c.window_start], set_={"count": ATTEMPTS.c.count + 1}
        )
        with transaction(self._engine, AccountsUnavailable) as connection:
            counted = connection.execute(counting.returning(ATTEMPTS.c.count)).scalar_one()
            if counted == 1:
                connection.execute(delete(AttemptRecord).where(ATTEMPTS.c.window_start < datetime.now(UTC) - KEPT))
        self._refuse(counted > most, start + window)

    def check(self, subject: str, most: int, window: timedelta) -> None:
        """Refuse if there were too many attempts already, without counting one.

        Raises
        ------
        TooManyAttempts, AccountsUnavailable
        """
        start = _start(window)
        query = select(ATTEMPTS.c.count).where(
            ATTEMPTS.c.subject == self._hash(subject), ATTEMPTS.c.window_start == start
        )
        with transaction(self._engine, AccountsUnavailable) as connection:
            counted = connection.execute(query).scalar_one_or_none() or 0
        self._refuse(counted >= most, start + window)

    def forget(self, subject: str, window: timedelta) -> None:
        """Begin again with nothing, after a success.

        Raises
        ------
        AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(
                delete(AttemptRecord).where(
                    ATTEMPTS.c.subject == self._hash(subject), ATTEMPTS.c.window_start == _start(window)
                )
            )

    def _hash(self, subject: str) -> bytes:
        return hmac.digest(self._secret, b"attempts " + subject.encode(), hashlib.sha256)

    @staticmethod
    def _refuse(too_many: bool, end: datetime) -> None:
        if too_many:
            raise TooManyAttempts(max(1, round((end - datetime.now(UTC)).total_seconds())))


def _start(window: timedelta) -> datetime:
    seconds = window.total_seconds()
    return datetime.fromtimestamp(datetime.now(UTC).timestamp() // seconds * seconds, UTC)
