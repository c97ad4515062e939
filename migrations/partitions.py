"""Changes the partitions of predictions one after another, so that predictions are recorded meanwhile.

All of this runs in an ``autocommit_block``, and can be run again after it was interrupted.
"""

from __future__ import annotations

from typing import Any, cast

import psycopg
from alembic import op

from migrations.locks import retried
from migrations.progress import say
from webapp.database.engines import LOCK_TIMEOUT

PARTITIONS = """
    SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'predictions'::regclass ORDER BY 1"""
#: Whether an index is valid, and whether it is attached to the index of the parent table.
STATE = """
    SELECT indisvalid, EXISTS (SELECT FROM pg_inherits WHERE inhrelid = indexrelid)
    FROM pg_index WHERE indexrelid = to_regclass(%s)"""


def driver() -> psycopg.Connection[Any]:
    """Return the driver's own connection."""
    return cast("psycopg.Connection[Any]", op.get_bind().connection.driver_connection)


def partitions() -> list[str]:
    """Return the names of all partitions."""
    return [name for (name,) in driver().execute(PARTITIONS)]


def create_index_concurrently(name: str, suffix: str, definition: str) -> None:
    """Create an index on predictions while rows are inserted.

    Parameters
    ----------
    suffix : str
        What PostgreSQL itself adds to a partition's name to name its index.
    definition : str
        All that follows the name of the table.
    """
    # From here on each new partition is made with the index.
    retried(lambda: driver().execute(f"CREATE INDEX IF NOT EXISTS {name} ON ONLY predictions {definition}"))
    if names := partitions():
        say(f"Creating the index {name}.")
    for partition in names:
        _index_partition(partition, name, f"{partition}_{suffix}", definition)


def _index_partition(partition: str, parent: str, name: str, definition: str) -> None:
    is_valid, is_attached = driver().execute(STATE, (name,)).fetchone() or (False, False)
    if is_attached:
        return
    if not is_valid:
        # Building it waits for the transactions that are open, and no statement has to wait behind it.
        driver().execute("SET lock_timeout = 0")
        try:
            # An attempt that was interrupted leaves an index that is not valid.
            driver().execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            driver().execute(f"CREATE INDEX CONCURRENTLY {name} ON {partition} {definition}")
        finally:
            driver().execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    retried(lambda: driver().execute(f"ALTER INDEX {parent} ATTACH PARTITION {name}"))
