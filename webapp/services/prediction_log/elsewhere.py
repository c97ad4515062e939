"""Tells a prediction that another host keeps from one that doesn't exist."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NoReturn
from uuid import UUID

from sqlalchemy import Connection, text

from webapp.errors import PredictionNotFound, PredictionNotHere
from webapp.helpers.record_ids import RecordIds
from webapp.helpers.uuid7 import time_of
from webapp.services.audit import Action

#: The bounds of the seconds after which somebody looks again, which is a tenth of how long the record is missing.
MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 5, 3600
# The months of a new database may begin after the first record, so a month without a partition was not always pruned.
IS_PRUNED = text("""
    SELECT to_regclass(:month) IS NULL
       AND EXISTS (SELECT FROM audit_events WHERE action = :pruned AND subject = :month)""")


def refuse(connection: Connection, ids: RecordIds, id: UUID) -> NoReturn:
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
    values = {"month": f"predictions_{made_at:%Y%m}", "pruned": Action.PRUNED.value}
    return bool(connection.execute(IS_PRUNED, values).scalar())
