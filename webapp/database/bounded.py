"""Connections that do not wait forever."""

from __future__ import annotations

from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

Reply = TypeVar("Reply")


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up on a server that does not answer.

    PostgreSQL itself enforces its own timeouts, so they don't help when it is frozen or cut off.
    """

    #: Seconds to wait for the answer to one statement.
    patience: float

    @classmethod
    def to(cls, patience: float, *arguments: Any, **options: Any) -> Self:
        """Connect, and wait ``patience`` seconds for each answer."""
        connection = cls.connect(*arguments, **options)
        connection.patience = patience
        return connection

    def wait(self, gen: PQGen[Reply], interval: float = 0.1, timeout: float | None = None) -> Reply:
        """Wait for an answer as psycopg does, but not forever."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # A late answer must not be taken for the answer to the next statement.
                self.pgconn.finish()
            raise


def bound(engine: Engine, patience: float) -> Engine:
    """Make all connections of an engine wait at most ``patience`` seconds for an answer."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> BoundedConnection:
        return BoundedConnection.to(patience, *arguments, **options)

    return engine
