"""Connections that do not wait forever, directly to PostgreSQL or through a pooler such as PgBouncer.

A pooler may give each transaction another connection to PostgreSQL. Then nothing may stay there after a transaction:
neither a setting, which the next client would get, nor a prepared statement, which this one would miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from webapp.database.sqlstates import is_of_no_use

Reply = TypeVar("Reply")

#: Seconds that telling PostgreSQL to end a statement may take.
CANCEL_SECONDS = 0.5


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up on a server that does not answer.

    PostgreSQL itself enforces its own timeouts, so they don't help when it is frozen or cut off.
    """

    #: Seconds to wait for the answer to one statement.
    patience: float
    #: Whether a pooler hands out the connections to PostgreSQL.
    is_pooled: bool
    #: What a transaction begins with if a pooler does.
    limits: bytes

    @classmethod
    def to(cls, patience: float, seconds: int, *arguments: Any, **options: Any) -> Self:
        """Connect, wait ``patience`` seconds for each answer, and let PostgreSQL spend ``seconds`` on a statement."""
        connection = cls.connect(*arguments, **options)
        connection.patience = patience
        try:
            connection._limit(seconds)
        except BaseException:
            connection.close()
            raise
        return connection

    def execute_alone(self, statement: str, values: Sequence[object]) -> psycopg.Cursor[Any]:
        """Execute one statement as its own transaction, on a connection that commits each statement."""
        if not self.is_pooled:
            return self.execute(statement.encode(), values)
        # In one message, so that the limits are those of the same transaction.
        cursor = psycopg.ClientCursor(self).execute(self.limits + b"; " + statement.encode(), values)
        while cursor.nextset():
            pass
        return cursor

    def wait(self, gen: PQGen[Reply], interval: float = 0.1, timeout: float | None = None) -> Reply:
        """Wait for an answer as psycopg does, but not forever."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # A COMMIT waits for a standby without any limit, and would hold one of PostgreSQL's processes.
                with suppress(psycopg.Error):
                    self.cancel_safe(timeout=CANCEL_SECONDS)
                # A late answer must not be taken for the answer to the next statement.
                self.pgconn.finish()
            raise

    def _limit(self, seconds: int) -> None:
        # The start-up parameter “options” would do the same, but PgBouncer refuses it.
        self.limits = f"SET LOCAL statement_timeout = {1000 * seconds}; SET LOCAL timezone = 'UTC'".encode()
        self.autocommit = True
        # A pooler answers cancellations itself, so the number that it gives for PostgreSQL's process is made up.
        self.is_pooled = self.execute("SELECT pg_backend_pid()").fetchone() != (self.info.backend_pid,)
        if self.is_pooled:
            self.prepare_threshold = None
        else:
            self.execute(self.limits.replace(b"SET LOCAL", b"SET"))
        self.autocommit = False


def bound(engine: Engine, patience: float, seconds: int = 0) -> Engine:
    """Make all connections of an engine wait at most ``patience`` seconds for an answer, and end what is of no use.

    Parameters
    ----------
    seconds : int
        How long PostgreSQL may work on one statement. 0: without a limit.
    """

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> BoundedConnection:
        return BoundedConnection.to(patience, seconds, *arguments, **options)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        if isinstance(driver, BoundedConnection) and driver.is_pooled and not driver.autocommit:
            connection.exec_driver_sql(driver.limits.decode())

    @event.listens_for(engine, "handle_error")
    def handle(context: ExceptionContext) -> None:
        # SQLAlchemy closes this connection then, and replaces all others before their next use.
        context.is_disconnect = context.is_disconnect or is_of_no_use(context.original_exception)

    return engine
