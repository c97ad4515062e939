"""Who may seal: one process at a time, on a connection that has time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from webapp.database.transactions import failing_as
from webapp.errors import SealingBusy, SealsUnavailable, StillWriting
from webapp.helpers.sealing import Goal

LOCK = 0x5C07ED5EA1
#: So many seconds whoever writes is waited for.
PATIENCE = 30.0
PAUSE = 0.02

# Numbers are handed out before rows are committed, so a lower one may come to light later.
GOAL = """
    SELECT coalesce(pg_sequence_last_value('predictions_number'), 0),
           coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'id')::regclass), 0)"""
# Whoever inserts has this lock from before it has its first number until after its commit can be seen.
WRITERS = """
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation IN ('predictions'::regclass, 'audit_events'::regclass)"""


@contextmanager
def sealing_lock(engine: Engine, patience: float) -> Iterator[Connection]:
    """Give a connection on which nobody else seals, forgets or prunes meanwhile.

    Raises
    ------
    SealingBusy
        When another process still does so after ``patience`` seconds.
    SealsUnavailable
    """
    with failing_as(SealsUnavailable), engine.connect() as connection:
        # The lock is the session's, and so goes with the connection.
        _lock(connection, time.monotonic() + patience)
        yield connection


def _lock(connection: Connection, deadline: float) -> None:
    while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}).scalar_one():
        connection.commit()
        if time.monotonic() >= deadline:
            raise SealingBusy
        time.sleep(0.1)
    connection.commit()


def committed_up_to(connection: Connection, patience: float = PATIENCE) -> Goal:
    """Give the numbers up to which all rows that will ever be there can be seen.

    The numbers that were handed out are read first; then everybody is waited for who is writing at
    that moment, as PostgreSQL itself does before it builds an index beside its writers.

    Raises
    ------
    StillWriting
        When somebody writes for longer than that.
    """
    goal = Goal(*connection.execute(text(GOAL)).one())
    waiting = _writers(connection)
    deadline = time.monotonic() + patience
    while waiting:
        if time.monotonic() >= deadline:
            raise StillWriting
        time.sleep(PAUSE)
        waiting &= _writers(connection)
    return goal


def _writers(connection: Connection) -> set[str]:
    writers = set(connection.execute(text(WRITERS)).scalars())
    connection.commit()
    return writers
