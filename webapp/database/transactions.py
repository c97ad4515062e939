"""Transactions that end in one of our own errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, TimeoutError

from webapp.errors import ScoredeskError

logger = logging.getLogger(__name__)


@contextmanager
def transaction(engine: Engine, unavailable: type[ScoredeskError]) -> Iterator[Connection]:
    """Commit what is done inside, or raise ``unavailable`` and leave nothing of it."""
    with failing_as(unavailable), engine.begin() as connection:
        yield connection


@contextmanager
def failing_as(unavailable: type[ScoredeskError]) -> Iterator[None]:
    """Turn what PostgreSQL and its driver raise into ``unavailable``."""
    try:
        yield
    except (DBAPIError, TimeoutError, psycopg.Error) as error:
        # PostgreSQL's own words may repeat the values of a row, so only their kind is logged.
        cause = getattr(error, "orig", None) or error
        state = getattr(cause, "sqlstate", None) or ""
        logger.error("%s: %s %s", unavailable.__name__, type(cause).__name__, state)
        raise unavailable from error
