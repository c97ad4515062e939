"""What only the owner of the tables can do.

The triggers that refuse changes are passed by switching them off inside a transaction and on again
before its end: PostgreSQL lets nobody but the owner of a table do so, and no other session ever
sees them off. A setting or a function that the triggers would ask could be had by others too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from webapp.errors import NotTableOwner, ScoredeskError, TablesBusy

#: Whoever records waits for as long at most, and then goes to the spool.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"
STATES: dict[str, type[ScoredeskError]] = {"42501": NotTableOwner, "55P03": TablesBusy}


@contextmanager
def as_table_owner(connection: Connection) -> Iterator[None]:
    """Begin a transaction that is not waited for long.

    Raises
    ------
    NotTableOwner, TablesBusy
    """
    try:
        with connection.begin():
            connection.execute(text(LOCK_TIMEOUT))
            yield
    except DBAPIError as error:
        if known := STATES.get(getattr(error.orig, "sqlstate", None) or ""):
            raise known from error
        raise


@contextmanager
def triggers_disabled(connection: Connection, partition: str) -> Iterator[None]:
    """Let rows of one partition be changed by this transaction alone."""
    connection.execute(text(f"ALTER TABLE {partition} DISABLE TRIGGER refuse_change"))
    yield
    connection.execute(text(f"ALTER TABLE {partition} ENABLE TRIGGER refuse_change"))
