"""The lock for sealing: one process at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from webapp.database.sessions import require_session
from webapp.database.transactions import failing_as
from webapp.errors import SealingBusy, SealsUnavailable, StillWriting
from webapp.helpers.sealing import Goal

LOCK = 0x5C07ED5EA1
#: Seconds to wait for another process that seals, and for transactions that write.
WAIT_SECONDS = 30.0
#: Seconds between two looks at the lock, and at the transactions that write.
LOCK_POLL_SECONDS = 0.1
WRITERS_POLL_SECONDS = 0.02

# Numbers are assigned before rows are committed, so a row with a lower number may become visible later.
GOAL = """
    SELECT coalesce(pg_sequence_last_value('predictions_number'), 0),
           coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'id')::regclass), 0)"""
# A transaction that inserts holds this lock from before its first number until its commit is visible.
WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation IN ('predictions'::regclass, 'audit_events'::regclass)"""


@contextmanager
def sealing_lock(engine: Engine, patience: float) -> Iterator[Connection]:
    """Yield a connection during which no other process seals, forgets or prunes.

    Raises
    ------
    SealingBusy
        When another process still does after ``patience`` seconds.
    SettingsError
        When a pooler would keep the lock.
    SealsUnavailable
    """
    with failing_as(SealsUnavailable), engine.connect() as connection:
        require_session(connection, engine)
        # The lock belongs to the session, so closing the connection releases it.
        _lock(connection, time.monotonic() + patience)
        yield connection


def _lock(connection: Connection, deadline: float) -> None:
    while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar_one():
        connection.commit()
        if time.monotonic() >= deadline:
            raise SealingBusy
        time.sleep(LOCK_POLL_SECONDS)
    connection.commit()


def committed_up_to(connection: Connection, patience: float = WAIT_SECONDS) -> Goal:
    """Return the numbers up to which every row that will ever exist is visible.

    The last assigned numbers are read first. Then this waits for all transactions that are writing at that
    moment, as PostgreSQL itself does before it builds an index concurrently.

    Raises
    ------
    StillWriting
        When a transaction writes for longer than ``patience`` seconds.
    """
    goal = given_out(connection)
    waiting = _writers(connection)
    deadline = time.monotonic() + patience
    while waiting:
        if time.monotonic() >= deadline:
            raise StillWriting
        time.sleep(WRITERS_POLL_SECONDS)
        waiting &= _writers(connection)
    return goal


def given_out(connection: Connection) -> Goal:
    """Return the last numbers that rows were given."""
    return Goal(*connection.execute(text(GOAL)).one())


def _writers(connection: Connection) -> set[str]:
    writers = set(connection.execute(text(WRITERS)).scalars())
    connection.commit()
    return writers
