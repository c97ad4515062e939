"""Locks of migrations: one process at a time migrates, and no statement waits for long behind one that waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from migrations.progress import say
from webapp.database.sqlstates import DEADLOCK_DETECTED, LOCK_NOT_AVAILABLE, sqlstate

T = TypeVar("T")

#: The key of PostgreSQL's advisory lock under which migrations run.
MIGRATIONS_LOCK = 0x5C07ED
#: Seconds between two looks at that lock.
POLL_SECONDS = 0.2
#: How often a lock on a table is tried for, and the seconds in between, in which the others work on.
MAX_TRIES, PAUSE_SECONDS = 200, 3.0


@contextmanager
def migrations_lock(engine: Engine) -> Iterator[Connection]:
    """Yield a connection during which no other process migrates; closing it releases the lock."""
    with engine.connect() as connection:
        # A statement that waited for the lock would hold a snapshot, and so would hold up the process that has the
        # lock as soon as that builds an index concurrently.
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": MIGRATIONS_LOCK}):
            connection.commit()
            time.sleep(POLL_SECONDS)
        connection.commit()
        yield connection


def retried(step: Callable[[], T]) -> T:
    """Run a step again and again while another transaction holds a lock that it needs."""
    for attempt in range(MAX_TRIES):
        try:
            return step()
        except (DBAPIError, psycopg.Error) as error:
            if sqlstate(error) not in (LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED):
                raise
        if not attempt:
            say("Another transaction holds a lock on the tables. The migration tries again until it ends.")
        time.sleep(PAUSE_SECONDS)
    sys.exit(
        f"Another transaction held a lock on the tables during {MAX_TRIES} attempts. "
        "End it (pg_stat_activity lists it), and run the migration again. What is done so far stays."
    )
