"""Transactions that raise the service's own errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp.errors import ScoredeskError

logger = logging.getLogger(__name__)

#: SQLSTATEs of PostgreSQL.
INSUFFICIENT_PRIVILEGE = "42501"
UNDEFINED_TABLE = "42P01"
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"


@contextmanager
def transaction(engine: Engine, unavailable: type[ScoredeskError]) -> Iterator[Connection]:
    """Run the block in a transaction: commit it, or roll it back and raise ``unavailable`` if PostgreSQL fails."""
    with failing_as(unavailable), engine.begin() as connection:
        yield connection


@contextmanager
def failing_as(unavailable: type[ScoredeskError]) -> Iterator[None]:
    """Raise ``unavailable`` in place of what PostgreSQL and its driver raise inside; that is its cause."""
    try:
        yield
    except (DBAPIError, TimeoutError, psycopg.Error) as error:
        # PostgreSQL's own words may repeat the values of a row, so only the kind of error is logged.
        logger.error("%s: %s %s", unavailable.__name__, type(driver_error(error)).__name__, sqlstate(error))
        raise unavailable from error


def driver_error(error: BaseException | None) -> BaseException | None:
    """Return the error of psycopg that SQLAlchemy wrapped, or the error itself."""
    return getattr(error, "orig", None) or error


def sqlstate(error: BaseException | None) -> str:
    """Return the SQLSTATE of an error, empty if PostgreSQL sent none."""
    return getattr(driver_error(error), "sqlstate", None) or ""
