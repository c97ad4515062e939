"""Transactions that raise the service's own errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection, CursorResult, Engine, Executable, Select
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp.database.breaker import Breaker
from webapp.errors import ScoredeskError

logger = logging.getLogger(__name__)

#: SQLSTATEs of PostgreSQL.
INSUFFICIENT_PRIVILEGE = "42501"
UNDEFINED_TABLE = "42P01"
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"
#: Those after which the session can't be used any more, and the others of the pool can't either, most likely.
#: Where a class is named, all of it counts.
USELESS_SESSION = (
    "08",  # the connection failed
    "25006",  # it takes no writes: PostgreSQL is a standby now, or was read-only when the session began
    "25P02",  # its transaction failed, and nobody ended that
    "25P03",  # PostgreSQL ended it, because it was idle in a transaction
    "25P04",  # PostgreSQL ended it, because its transaction took too long
    "26000",  # its prepared statement is gone: a pooler gave it another connection
    "42P05",  # a prepared statement of somebody else has the same name
    "57P",  # PostgreSQL stops, has crashed, is starting, dropped the database or ended the session
)


class RowsDiscarded(psycopg.DatabaseError):
    """PostgreSQL confirmed a statement and did not write all of its rows, as a foreign trigger can make it do."""


@contextmanager
def transaction(engine: Engine, unavailable: type[ScoredeskError]) -> Iterator[Connection]:
    """Run the block in a transaction: commit it, or roll it back and raise ``unavailable`` if PostgreSQL fails.

    If the engine has a breaker among its execution options, ``unavailable`` is raised at once while that is open.
    """
    breaker: Breaker | None = engine.get_execution_options().get("breaker")
    if breaker and not breaker.lets_through():
        raise unavailable
    try:
        with failing_as(unavailable), engine.begin() as connection:
            yield connection
    except unavailable as error:
        if breaker and isinstance(error.__cause__, DBAPIError) and _is_unanswered(error.__cause__):
            breaker.failed()
        raise
    except Exception:
        # The block refused something, for example a login: PostgreSQL had answered.
        if breaker:
            breaker.succeeded()
        raise
    if breaker:
        breaker.succeeded()


@contextmanager
def failing_as(unavailable: type[ScoredeskError]) -> Iterator[None]:
    """Raise ``unavailable`` in place of what PostgreSQL and its driver raise inside; that is its cause."""
    try:
        yield
    except (DBAPIError, TimeoutError, psycopg.Error) as error:
        # PostgreSQL's own words may repeat the values of a row, so only the kind of error is logged.
        logger.error("%s: %s %s", unavailable.__name__, type(driver_error(error)).__name__, sqlstate(error))
        raise unavailable from error


def write(connection: Connection, statement: Executable, parameters: Any = None, *, rows: int = 1) -> CursorResult[Any]:
    """Execute a statement, and check that PostgreSQL wrote this many rows, so that nothing is promised in vain.

    Raises
    ------
    RowsDiscarded
        ``failing_as`` handles it like any other failure of PostgreSQL, so the transaction is rolled back.
    """
    result = connection.execute(statement, parameters, execution_options={"preserve_rowcount": True})
    if result.rowcount != rows:
        raise RowsDiscarded
    return result


def require_none(connection: Connection, query: Select[Any]) -> None:
    """Check that a removal left no row that this query finds.

    Raises
    ------
    RowsDiscarded
    """
    if connection.execute(query).first() is not None:
        raise RowsDiscarded


def driver_error(error: BaseException | None) -> BaseException | None:
    """Return the error of psycopg that SQLAlchemy wrapped, or the error itself."""
    return getattr(error, "orig", None) or error


def _is_unanswered(error: DBAPIError) -> bool:
    """Return whether PostgreSQL did not answer, or only to end the session."""
    return not sqlstate(error) or is_of_no_use(error)


def sqlstate(error: BaseException | None) -> str:
    """Return the SQLSTATE of an error, empty if PostgreSQL sent none."""
    return getattr(driver_error(error), "sqlstate", None) or ""


def is_of_no_use(error: BaseException | None) -> bool:
    """Return whether the session that an error came from has to be replaced by a new one."""
    return sqlstate(error).startswith(USELESS_SESSION)
