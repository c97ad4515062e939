"""Puts rows into PostgreSQL: many at once, in one statement that is a transaction of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import orjson
import psycopg
from psycopg.errors import CheckViolation, ProgramLimitExceeded
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp.errors import PredictionLogUnavailable, RowRefused
from webapp.helpers.records.columns import COLUMNS, GENERATED

logger = logging.getLogger(__name__)

#: Partitions are made for the month of a row and for so many that follow.
MONTHS_AHEAD = 2
#: A connection that turns out to be dead is replaced at once, unless finding out took longer than this.
QUICK = 0.5

INSERTED = {name: kind for name, kind in COLUMNS.items() if name not in GENERATED}
# A row that is there already stays as it is: then its first answer was lost on the way back.
INSERT = (
    f"INSERT INTO predictions ({', '.join(INSERTED)}) SELECT {', '.join(INSERTED)} "  # noqa: S608
    f"FROM json_to_recordset(%s::json) AS row ({', '.join(f'{name} {kind}' for name, kind in INSERTED.items())}) "
    "ON CONFLICT DO NOTHING"
)
#: What is wrong with a row itself, so that it would be refused the next time too.
ROW_IS_WRONG = (psycopg.DataError, psycopg.IntegrityError, ProgramLimitExceeded)


def insert(engine: Engine, rows: Sequence[bytes]) -> None:
    """Store rows of JSON, all or none; when this returns, they are committed.

    Raises
    ------
    RowRefused
        When PostgreSQL will not have one of them, now or ever.
    PredictionLogUnavailable
        When it can't be reached, does not answer in time, or takes nothing.
    """
    try:
        _insert(engine, f"[{b','.join(rows).decode()}]", rows)
    except UnicodeDecodeError:
        raise RowRefused("form") from None
    except (psycopg.Error, DBAPIError, TimeoutError) as error:
        cause = getattr(error, "orig", None) or error
        # PostgreSQL's own words may repeat the values of a row, so only their kind is told.
        state = getattr(cause, "sqlstate", None) or ""
        logger.error("Recording failed with %s %s", type(cause).__name__, state)
        if isinstance(cause, ROW_IS_WRONG):
            raise RowRefused(state) from error
        raise PredictionLogUnavailable from error


def _insert(engine: Engine, document: str, rows: Sequence[bytes]) -> None:
    began = time.monotonic()
    try:
        _execute(engine, document)
    except CheckViolation:
        # There is no partition for one of the rows yet.
        with engine.connect() as connection:
            for month in {_month(row) for row in rows}:
                _make_partitions(connection, month)
        _execute(engine, document)
    except ConnectionLost:
        if time.monotonic() - began > QUICK:
            raise
        _execute(engine, document)


class ConnectionLost(psycopg.OperationalError):
    """A connection of the pool is dead."""


def _execute(engine: Engine, document: str) -> None:
    """Run the statement on the driver's own connection: all that SQLAlchemy adds is measured work here."""
    pooled = engine.raw_connection()
    try:
        pooled.cursor().execute(INSERT, (document,))
    except psycopg.Error as error:
        if pooled.driver_connection is None or not pooled.driver_connection.closed:
            raise
        # Where one is dead the others are too, mostly.
        pooled.invalidate(error)
        engine.dispose()
        raise ConnectionLost from error
    finally:
        pooled.close()


def _month(row: bytes) -> date:
    try:
        return datetime.fromisoformat(orjson.loads(row)["created_at"]).date().replace(day=1)
    except (KeyError, TypeError, ValueError):
        # It can only be a line of the spool that was not written by the service.
        raise RowRefused("form") from None


def _make_partitions(connection: Connection, month: date) -> None:
    for ahead in range(MONTHS_AHEAD + 1):
        wanted = (month + timedelta(days=31 * ahead)).replace(day=1)
        connection.execute(text("SELECT make_predictions_partition(:month)"), {"month": wanted})
