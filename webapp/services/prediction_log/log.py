"""Stores predictions, and reads them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Engine, Text, cast, func, select

from webapp.database.breaker import Breaker
from webapp.database.tables.predictions import PredictionRecord
from webapp.database.transactions import transaction
from webapp.errors import (
    PredictionLogUnavailable,
    PredictionNotFound,
    PredictionOutOfReach,
    RowRefused,
    SpoolUnavailable,
)
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.records.row import decode, encode, from_columns
from webapp.helpers.sealing import MacKey
from webapp.helpers.uuid7 import time_of
from webapp.services.prediction_log import elsewhere
from webapp.services.prediction_log.inserting import insert
from webapp.services.sealing.key_check import KeyCheck
from webapp.services.spool import Spool
from webapp.types import Prediction

TABLE = PredictionRecord.__table__
#: Seconds after a failure before PostgreSQL is tried again.
RETRY_SECONDS = 5.0


class PredictionLog:
    """The permanent record: in PostgreSQL or, while that is out of reach, in the spool.

    Parameters
    ----------
    reading, recording : Engine
        ``recording`` commits each statement and does not wait long.
    spool : Spool or None
        None if predictions may only be recorded in PostgreSQL.
    key : MacKey
        The key that the rows' codes are made with.
    key_check : KeyCheck
        Is asked whether that key is the one of the database.
    ids : RecordIds
        Tells which ids this installation made.
    on_change : callable
        Is called with whether PostgreSQL stores predictions, when that changes.
    """

    def __init__(
        self,
        *,
        reading: Engine,
        recording: Engine,
        spool: Spool | None,
        key: MacKey,
        key_check: KeyCheck,
        ids: RecordIds,
        on_change: Callable[[bool], None] = lambda in_database: None,
    ) -> None:
        self._reading = reading
        self._recording = recording
        self._spool = spool
        self._key = key
        self._key_check = key_check
        self._ids = ids
        self._breaker = Breaker(RETRY_SECONDS, on_change)

    @property
    def in_database(self) -> bool:
        """Whether the last attempt to store something in PostgreSQL succeeded."""
        return not self._breaker.is_open

    @property
    def seconds_without_database(self) -> float:
        """For how long no attempt to store something in PostgreSQL has succeeded."""
        return self._breaker.open_seconds

    def record(self, predictions: Sequence[Prediction]) -> Literal["database", "spool"]:
        """Store predictions and return where; when this returns, they are durable.

        Raises
        ------
        PredictionLogUnavailable
            When neither PostgreSQL nor the spool could store them.
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
            self._key_check.before_spooling()
            self._spool.append(rows)
            return "spool"

    def store(self, rows: Sequence[bytes]) -> None:
        """Store rows of JSON in PostgreSQL; rows that are there already stay as they are.

        Without any rows this checks whether PostgreSQL could store one, with a commit that waits for a synchronous
        standby as that of a row does.

        Raises
        ------
        RowRefused
        PredictionLogUnavailable
        """
        try:
            self._key_check.before_recording()
            insert(self._recording, rows)
        except PredictionLogUnavailable:
            self._key_check.forget()
            self._breaker.failed()
            raise
        except RowRefused:
            self._breaker.succeeded()
            raise
        self._breaker.succeeded()

    def check(self) -> None:
        """Check that a prediction could be recorded.

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
            self._key_check.before_spooling()
            self._spool.check()

    def mend(self) -> None:
        """Try PostgreSQL again after a failure, so that no request has to wait for the attempt."""
        if self._breaker.is_open:
            with suppress(PredictionLogUnavailable):
                self.store([])

    def get(self, id: UUID) -> Prediction:
        """Return one prediction; its id determines the partition.

        Raises
        ------
        PredictionNotFound
        PredictionNotHere
            When another host of this installation made it, and keeps it.
        PredictionOutOfReach
        """
        try:
            created_at = time_of(id)
        except (OverflowError, ValueError):
            raise PredictionNotFound from None
        if row_in_spool := self._find_in_spool(id):
            return decode(row_in_spool)
        query = select(TABLE).where(TABLE.c.created_at == created_at, TABLE.c.id == id)
        with transaction(self._reading, PredictionOutOfReach) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                elsewhere.refuse(connection, self._ids, id)
        return from_columns(dict(row._mapping))

    def _find_in_spool(self, id: UUID) -> bytes | None:
        # The spool is read first: a row that has left the spool by then is in PostgreSQL.
        with suppress(SpoolUnavailable):
            return self._spool.find(id) if self._spool else None
        return None

    def last_used(self, models: Sequence[str]) -> dict[str, datetime]:
        """Return when each of these models last answered; a model that never did is left out.

        Raises
        ------
        PredictionLogUnavailable
            At once, if PostgreSQL has just failed.
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
        """Close all connections, which is necessary before a fork; the next call opens new ones."""
        self._reading.dispose()
        self._recording.dispose()

    def _transaction(self) -> AbstractContextManager[Connection]:
        return transaction(self._reading, PredictionLogUnavailable)
