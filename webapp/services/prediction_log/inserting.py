"""Inserts rows into PostgreSQL: many at once, in one statement that is its own transaction."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import cast

import orjson
import psycopg
from psycopg.errors import CheckViolation, ProgramLimitExceeded
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp.database.bounded import BoundedConnection
from webapp.database.sqlstates import RowsDiscarded, driver_error, is_of_no_use, sqlstate
from webapp.errors import PredictionLogUnavailable, RowRefused
from webapp.helpers.records.record_columns import COLUMNS, GENERATED

logger = logging.getLogger(__name__)

#: How many months after that of a row get their partitions in advance.
MONTHS_AHEAD = 2
#: Seconds within which a connection must turn out to be dead to be replaced and tried again at once.
RETRY_WITHIN_SECONDS = 0.5

INSERTED = {name: kind for name, kind in COLUMNS.items() if name not in GENERATED}
# A line that an earlier version left in the spool has no salt.
SELECTED = ", ".join(INSERTED).replace("salt", "coalesce(salt, uuid_send(gen_random_uuid()))")
# A row that is there already stays as it is: PostgreSQL's confirmation of the first attempt was lost on the way.
INSERT = (
    f"INSERT INTO predictions ({', '.join(INSERTED)}) SELECT {SELECTED} "  # noqa: S608
    f"FROM json_to_recordset(%s::json) AS row ({', '.join(f'{name} {kind}' for name, kind in INSERTED.items())}) "
    "ON CONFLICT DO NOTHING"
)
# The smallest change that a role without any table may make. Its commit waits for a synchronous standby, as that of
# a row does, and so for all that was committed before.
WRITE = "SELECT pg_logical_emit_message(true, 'scoredesk', '')"
#: How many of the rows are not in the table.
ABSENT = """
    SELECT count(*) FROM (SELECT DISTINCT created_at, id FROM json_to_recordset(%s::json)
                          AS row (created_at timestamptz, id uuid)) AS sent
    WHERE NOT EXISTS (SELECT FROM predictions WHERE created_at = sent.created_at AND id = sent.id)"""
#: Errors of the row itself, so that PostgreSQL would refuse it the next time too.
ROW_ERRORS = (psycopg.DataError, psycopg.IntegrityError, ProgramLimitExceeded)


def insert(engine: Engine, rows: Sequence[bytes]) -> None:
    """Store rows of JSON, all or none; when this returns, they are committed.

    Raises
    ------
    RowRefused
        When PostgreSQL refuses one of them, and always would.
    PredictionLogUnavailable
        When PostgreSQL can't be reached, does not answer in time, can't write, or discards a row.
    """
    try:
        _insert(engine, f"[{b','.join(rows).decode()}]", rows)
    except UnicodeDecodeError:
        raise RowRefused("form") from None
    except (psycopg.Error, DBAPIError, TimeoutError) as error:
        cause = driver_error(error.__cause__ if isinstance(error, ConnectionLost) else error)
        # PostgreSQL's own words may repeat the values of a row, so only the kind of error is logged.
        logger.error("Recording failed with %s %s", type(cause).__name__, sqlstate(cause))
        if isinstance(cause, ROW_ERRORS):
            raise RowRefused(sqlstate(cause)) from error
        raise PredictionLogUnavailable from error


def _insert(engine: Engine, document: str, rows: Sequence[bytes]) -> None:
    began = time.monotonic()
    try:
        _execute(engine, document, len(rows))
    except CheckViolation:
        # There is no partition for one of the rows yet.
        for month in {_month(row) for row in rows}:
            _make_partitions(engine, month)
        _execute(engine, document, len(rows))
    except ConnectionLost:
        if time.monotonic() - began > RETRY_WITHIN_SECONDS:
            raise
        _execute(engine, document, len(rows))


class ConnectionLost(psycopg.OperationalError):
    """A connection of the pool is dead, or of no use any more."""


def _execute(engine: Engine, document: str, count: int) -> None:
    with _connection(engine) as connection:
        inserted = connection.execute_alone(INSERT, (document,)).rowcount
        # What was not inserted must be there already, or a trigger discarded it.
        if inserted < count and connection.execute_alone(ABSENT, (document,)).fetchone() != (0,):
            raise RowsDiscarded
        if inserted < count or not count:
            # An earlier attempt may have committed the others without having heard from the standby. Nothing was
            # written now, so PostgreSQL would not wait for it.
            connection.execute_alone(WRITE, ())


@contextmanager
def _connection(engine: Engine) -> Iterator[BoundedConnection]:
    """Yield the driver's own connection, because SQLAlchemy's share was measurable here."""
    connection = engine.raw_connection()
    try:
        yield cast(BoundedConnection, connection.driver_connection)
    except psycopg.Error as error:
        if connection.driver_connection and not connection.driver_connection.closed and not is_of_no_use(error):
            raise
        # Where one connection is of no use, the others mostly aren't either: each is replaced before its next use.
        engine.pool._invalidate(connection, error)
        raise ConnectionLost from error
    finally:
        connection.close()


def _month(row: bytes) -> date:
    try:
        return datetime.fromisoformat(orjson.loads(row)["created_at"]).date().replace(day=1)
    except (KeyError, TypeError, ValueError):
        # Only a line of the spool that the service did not write can look like this.
        raise RowRefused("form") from None


def _make_partitions(engine: Engine, month: date) -> None:
    with _connection(engine) as connection:
        for ahead in range(MONTHS_AHEAD + 1):
            first_day = (month + timedelta(days=31 * ahead)).replace(day=1)
            connection.execute_alone("SELECT make_predictions_partition(%s)", (first_day,))
