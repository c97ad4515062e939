"""What a version that made no codes recorded while it was replaced by one that does."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from webapp.helpers.sealing import Head
from webapp.services.sealing import seals

#: Since when each row has a code in a log that was begun with codes.
ALWAYS = datetime.min.replace(tzinfo=UTC)
#: How long hosts of the earlier version may go on recording beside the host that made the first seal.
ROLLING_UPGRADE = timedelta(days=1)
HAS_OLDER_ROWS = text("SELECT EXISTS (SELECT FROM predictions WHERE number < 0)")


def codes_since(connection: Connection) -> datetime:
    """Return the moment from which on a row must have a code.

    Rows that are older may have come late: from a host that was replaced last, or from its spool. The first seal is
    signed, and says both when codes began and whether there were rows before: only those have numbers below zero.
    """
    first = next(seals.heads(connection), None)
    if first is None:
        return datetime.now(UTC) + ROLLING_UPGRADE if connection.execute(HAS_OLDER_ROWS).scalar() else ALWAYS
    # An owner of the tables may have put anything there, which the verifier reports.
    with suppress(ValueError, OverflowError):
        head = Head.read(first.head)
        if head.predictions.up_to < 0:
            return datetime.fromisoformat(head.created_at).astimezone(UTC) + ROLLING_UPGRADE
    return ALWAYS
