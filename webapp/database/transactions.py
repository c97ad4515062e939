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
from webapp.database.faults import public_sentence
from webapp.database.sqlstates import RowsDiscarded, driver_error, is_of_no_use, sqlstate
from webapp.errors import ScoredeskError

logger = logging.getLogger(__name__)


@contextmanager
def transaction(engine: Engine, unavailable: type[ScoredeskError]) -> Iterator[Connection]:
    """Run the block in a transaction: commit it, or roll it back and raise ``unavailable`` if PostgreSQL fails.

    If the engine has a breaker among its execution options, ``unavailable`` is raised at once while that is open.
    """
    breaker: Breaker | None = engine.get_execution_options().get("breaker")
    if breaker and not breaker.lets_through():
        raise unavailable(breaker.reason)
    try:
        with failing_as(unavailable), engine.begin() as connection:
            yield connection
    except unavailable as error:
        if breaker and isinstance(error.__cause__, DBAPIError) and _is_unanswered(error.__cause__):
            breaker.failed(public_sentence(error.__cause__))
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
        kind, sentence = type(driver_error(error)).__name__, public_sentence(error)
        logger.error("%s: %s %s %s", unavailable.__name__, kind, sqlstate(error), sentence or "")
        raise unavailable(sentence) from error


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


def _is_unanswered(error: DBAPIError) -> bool:
    """Return whether PostgreSQL did not answer, or only to end the session."""
    return not sqlstate(error) or is_of_no_use(error)
