"""What only the owner of the tables can do.

The triggers that refuse changes are disabled inside a transaction and enabled again before it ends.
Only the owner of a table can do that, and no other session ever sees the triggers disabled. A setting
or a function that the triggers consulted could be used by other roles too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from webapp.database.sqlstates import INSUFFICIENT_PRIVILEGE, LOCK_NOT_AVAILABLE, sqlstate
from webapp.errors import NotTableOwner, ScoredeskError, TablesBusy

#: Recording waits behind this lock at most as long, and then uses the spool.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'"
ERRORS: dict[str, type[ScoredeskError]] = {INSUFFICIENT_PRIVILEGE: NotTableOwner, LOCK_NOT_AVAILABLE: TablesBusy}


@contextmanager
def as_table_owner(connection: Connection) -> Iterator[None]:
    """Run the block in a transaction that waits only briefly for locks.

    Raises
    ------
    NotTableOwner, TablesBusy
    """
    try:
        with connection.begin():
            connection.execute(text(LOCK_TIMEOUT))
            yield
    except DBAPIError as error:
        if known := ERRORS.get(sqlstate(error)):
            raise known from error
        raise


@contextmanager
def triggers_disabled(connection: Connection, partition: str) -> Iterator[None]:
    """Allow this transaction alone to change the rows of one partition."""
    connection.execute(text(f"ALTER TABLE {partition} DISABLE TRIGGER refuse_change"))
    yield
    connection.execute(text(f"ALTER TABLE {partition} ENABLE TRIGGER refuse_change"))
