"""Tells a prediction that another host keeps from one that doesn't exist."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, text

from webapp.errors import PredictionNotFound, PredictionNotHere
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.uuid7 import time_of

#: The bounds of the seconds after which somebody looks again, which is a tenth of how long the record is missing.
MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 5, 3600
OLDEST_MONTH = text("""
    SELECT min(c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'predictions'::regclass AND c.relname ~ '^predictions_[0-9]{6}$'""")


def refuse(connection: Connection, ids: RecordIds, id: UUID) -> None:
    """Say of a prediction that was found nowhere that another host keeps it, or that there is none.

    An id leaves a host only after its record is on a disk. So an id that a host of this installation made is that of a
    record that waits in the spool of another host, or was lost there, unless its month was pruned.

    Raises
    ------
    PredictionNotHere, PredictionNotFound
    """
    if not ids.is_issued(id) or _is_pruned(connection, time_of(id)):
        raise PredictionNotFound
    age = (datetime.now(UTC) - time_of(id)).total_seconds()
    raise PredictionNotHere(int(min(max(age / 10, MIN_RETRY_SECONDS), MAX_RETRY_SECONDS)))


def _is_pruned(connection: Connection, made_at: datetime) -> bool:
    # Partitions are made in advance and dropped from the oldest on.
    oldest = connection.execute(OLDEST_MONTH).scalar()
    return oldest is not None and f"predictions_{made_at:%Y%m}" < oldest
