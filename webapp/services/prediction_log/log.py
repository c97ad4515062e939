"""Stores predictions, and finds them again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Engine, Row, Text, cast, func, select

from webapp.database.tables.predictions import PredictionRecord
from webapp.database.transactions import transaction
from webapp.errors import PredictionLogUnavailable, PredictionNotFound, RowRefused, SpoolUnavailable
from webapp.helpers.records.row import decode, encode, from_columns
from webapp.helpers.sealing import MacKey
from webapp.helpers.uuid7 import time_of
from webapp.services.prediction_log.breaker import Breaker
from webapp.services.prediction_log.inserting import insert
from webapp.services.spool import Spool
from webapp.types import Prediction

TABLE = PredictionRecord.__table__
#: For so many seconds after a failure PostgreSQL is left alone.
REST_SECONDS = 5.0


class PredictionLog:
    """The permanent record: in PostgreSQL or, while that takes nothing, in the spool.

    Parameters
    ----------
    reading, recording : Engine
        The second commits each statement and does not wait long.
    spool : Spool or None
        None where only PostgreSQL will do.
    key : MacKey
        What the rows' codes are made with.
    tell : callable
        Is told whether PostgreSQL takes what it is given, when that changes.
    """

    def __init__(
        self,
        reading: Engine,
        recording: Engine,
        spool: Spool | None,
        key: MacKey,
        tell: Callable[[bool], None] = lambda in_database: None,
    ) -> None:
        self._reading = reading
        self._recording = recording
        self._spool = spool
        self._key = key
        self._breaker = Breaker(REST_SECONDS, tell)

    @property
    def in_database(self) -> bool:
        """Whether PostgreSQL took what it was given last."""
        return not self._breaker.is_open

    def record(self, predictions: Sequence[Prediction]) -> Literal["database", "spool"]:
        """Store predictions, and tell where; when this returns, they are durable.

        Raises
        ------
        PredictionLogUnavailable
            When neither PostgreSQL nor the spool would have them.
        """
        rows = [encode(prediction, self._key) for prediction in predictions]
        try:
            if not self._breaker.lets_through():
                raise PredictionLogUnavailable
            self.store(rows)
            return "database"
        except (PredictionLogUnavailable, RowRefused):
            if self._spool is None:
                raise PredictionLogUnavailable from None
            self._spool.append(rows)
            return "spool"

    def store(self, rows: Sequence[bytes]) -> None:
        """Store rows of JSON in PostgreSQL, those that it has already left as they are.

        Without any row it tells whether it would take one.

        Raises
        ------
        RowRefused
        PredictionLogUnavailable
        """
        try:
            insert(self._recording, rows)
        except PredictionLogUnavailable:
            self._breaker.failed()
            raise
        except RowRefused:
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()

    def check(self) -> None:
        """Make sure that a prediction could be recorded.

        Raises
        ------
        PredictionLogUnavailable
        """
        try:
            if not self._breaker.lets_through():
                raise PredictionLogUnavailable
            self.store([])
        except PredictionLogUnavailable:
            if self._spool is None:
                raise
            self._spool.check()

    def mend(self) -> None:
        """Try PostgreSQL again if it failed, so that no request has to."""
        if self._breaker.is_open:
            with suppress(PredictionLogUnavailable):
                self.store([])

    def get(self, id: UUID) -> Prediction:
        """Find one prediction; its id tells the partition.

        Raises
        ------
        PredictionNotFound
        PredictionLogUnavailable
        """
        try:
            created_at = time_of(id)
        except (OverflowError, ValueError):
            raise PredictionNotFound from None
        if spooled := self._waiting(id):
            return decode(spooled)
        query = select(TABLE).where(TABLE.c.created_at == created_at, TABLE.c.id == id)
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise PredictionNotFound
        return _prediction(row)

    def _waiting(self, id: UUID) -> bytes | None:
        # What waits is looked at first: once it has been moved away, PostgreSQL has it.
        with suppress(SpoolUnavailable):
            return self._spool.find(id) if self._spool else None
        return None

    def last_used(self, models: Sequence[str]) -> dict[str, datetime]:
        """Tell when each of these models answered last; one that never did is left out.

        Raises
        ------
        PredictionLogUnavailable
            At once, if PostgreSQL failed just now.
        """
        if self._breaker.is_open:
            raise PredictionLogUnavailable
        names = func.unnest(cast(list(models), ARRAY(Text))).column_valued("name")
        newest = (
            select(TABLE.c.created_at)
            .where(TABLE.c.model == names)
            .order_by(TABLE.c.created_at.desc(), TABLE.c.id.desc())
            .limit(1)
            .lateral()
        )
        with self._transaction() as connection:
            rows = connection.execute(select(names, newest.c.created_at))
            return {row.name: row.created_at for row in rows}

    def close(self) -> None:
        """Close all connections, as must be done before a fork; the next call opens new ones."""
        self._reading.dispose()
        self._recording.dispose()

    def _transaction(self) -> AbstractContextManager[Connection]:
        return transaction(self._reading, PredictionLogUnavailable)


def _prediction(row: Row[Any]) -> Prediction:
    return from_columns(dict(row._mapping))
