"""Connections that do not wait for ever."""

from __future__ import annotations

from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

Found = TypeVar("Found")


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up on a server that does not answer.

    PostgreSQL's own timeouts are kept by PostgreSQL, so they don't help against one that is frozen
    or cut off.
    """

    #: Seconds to wait for the answer to one statement.
    patience: float

    @classmethod
    def to(cls, patience: float, *arguments: Any, **options: Any) -> Self:
        """Connect, and wait ``patience`` seconds for each answer."""
        connection = cls.connect(*arguments, **options)
        connection.patience = patience
        return connection

    def wait(self, gen: PQGen[Found], interval: float = 0.1, timeout: float | None = None) -> Found:
        """Wait for an answer, as psycopg does, but not without end."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # An answer that still comes must not be taken for that of the next statement.
                self.pgconn.finish()
            raise


def bound(engine: Engine, patience: float) -> Engine:
    """Let all connections of an engine wait for an answer for ``patience`` seconds at most."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> BoundedConnection:
        return BoundedConnection.to(patience, *arguments, **options)

    return engine
