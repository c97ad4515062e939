"""Reads the log in the order of its numbers, and computes the digest of each row."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import Connection, text

from webapp.helpers.records.record_columns import COLUMNS, METADATA
from webapp.helpers.sealing import MacKey, canonical, leaf_of, payload_digest

#: How many rows are fetched at once.
FETCH_ROWS = 1_000
#: JSON is read as the text that it is.
SELECTED = (f"{name}::text" if kind.startswith("json") else name for name, kind in COLUMNS.items())
PREDICTIONS = f"SELECT {', '.join(SELECTED)} FROM predictions"  # noqa: S608
AUDIT_EVENTS = "SELECT id, created_at, action, actor, subject, details::text FROM audit_events"
#: The leaf of a row whose values the service can't have written.
NO_LEAF = bytes(32)


class Row:
    """A prediction as it is stored; its JSON is text.

    Parameters
    ----------
    values : sequence
        The values of the columns, in the order of ``COLUMNS``.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = dict(zip(COLUMNS, values, strict=True))
        self.id: UUID = self._values["id"]
        self.created_at: Any = self._values["created_at"]
        self.number: int | None = self._values["number"]
        self.inputs: str | None = self._values["inputs"]
        self.warnings: str = self._values["warnings"]
        self.salt: bytes | None = self._values["salt"]
        self.mac: bytes | None = self._values["mac"]

    @property
    def is_emptied(self) -> bool:
        """Whether its inputs and warnings were deleted."""
        return self.salt is None and self.inputs is None and self.warnings == "[]"

    @property
    def is_older(self) -> bool:
        """Whether it was in the table before rows had codes."""
        return self.number is not None and self.number < 0

    @property
    def metadata(self) -> bytes:
        """The bytes of everything that is never forgotten."""
        return canonical.metadata([self._values[name] for name in METADATA], self._values["output"].encode())

    @property
    def payload(self) -> bytes:
        """The bytes of what can be forgotten.

        Raises
        ------
        ValueError
            When it holds a number beyond the range that the service records.
        """
        return canonical.payload(orjson.loads(self.inputs or "null"), orjson.loads(self.warnings))

    @property
    def payload_digest(self) -> bytes:
        """The digest of what can be forgotten."""
        return payload_digest(self.salt or b"", self.payload)

    def leaf(self, forgotten: Mapping[bytes, bytes]) -> bytes:
        """Return its digest; once the payload is forgotten, its digest comes from the signed events."""
        try:
            digest = forgotten.get(self.id.bytes) if self.is_emptied else None
            return leaf_of(self.metadata, digest or self.payload_digest)
        except (TypeError, ValueError):
            # orjson refuses what is nested too deeply with the first, a number beyond all doubles with the second.
            return NO_LEAF

    def is_without_code(self, codes_since: datetime) -> bool:
        """Return whether a version that knew no codes may have recorded it after the table got its numbers."""
        return self.mac is None and not self.is_older and self.created_at < codes_since

    def is_proven(self, key: MacKey, leaf: bytes) -> bool:
        """Return whether the service recorded it; rows from before codes were introduced pass."""
        if self.is_older:
            return True
        return self.mac is not None and hmac.compare_digest(self.mac, key.mac_of(leaf))


def between(connection: Connection, after: int, up_to: int) -> Iterator[Row]:
    """Yield the predictions with these numbers, in their order."""
    query = f"{PREDICTIONS} WHERE number > %s AND number <= %s ORDER BY number, id"
    yield from map(Row, _stream(connection, query, (after, up_to)))


def newest_coded(connection: Connection, limit: int) -> list[Row]:
    """Return those of the newest predictions that have a code and can be checked with it."""
    # LIMIT makes it short, so it needs no cursor on the server, which only a transaction can have.
    driver = cast("psycopg.Connection[tuple[Any, ...]]", connection.connection.driver_connection)
    rows = driver.execute(f"{PREDICTIONS} ORDER BY created_at DESC, id DESC LIMIT {limit:d}")
    return [row for row in map(Row, rows) if row.mac is not None and not row.is_emptied]


def without_number(connection: Connection) -> Iterator[Row]:
    """Yield the predictions without a number; the service never writes any."""
    yield from map(Row, _stream(connection, f"{PREDICTIONS} WHERE number IS NULL", ()))


def one(connection: Connection, id: UUID, created_at: object) -> Row | None:
    """Return one prediction."""
    matching = list(_stream(connection, f"{PREDICTIONS} WHERE id = %s AND created_at = %s", (id, created_at)))
    return Row(matching[0]) if matching else None


def audit_entries(
    connection: Connection, after: int, up_to: int, limit: int | None = None
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the id and the digest of audit events, in their order."""
    query = f"{AUDIT_EVENTS} WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
    for id, *rest, details in _stream(connection, query, (after, up_to, limit)):
        yield id.to_bytes(16), _event_leaf([id, *rest], details)


def _event_leaf(values: list[Any], details: str) -> bytes:
    try:
        return leaf_of(canonical.canonical([*values, orjson.loads(details)]), b"")
    except (RecursionError, TypeError, ValueError):
        return NO_LEAF


def last_audit_event(connection: Connection) -> int:
    """Return the highest number of an audit event; 0 if there are none."""
    return int(connection.execute(text("SELECT coalesce(max(id), 0) FROM audit_events")).scalar_one())


def _stream(connection: Connection, query: str, values: tuple[object, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield rows from a server-side cursor of the driver, because there may be millions."""
    driver = cast("psycopg.Connection[tuple[Any, ...]]", connection.connection.driver_connection)
    with driver.cursor(name="sealing", binary=True) as cursor:
        cursor.itersize = FETCH_ROWS
        cursor.execute(query, values)
        yield from cursor
