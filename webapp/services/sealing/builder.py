"""Makes the next seal, which covers the rows since the previous one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

from webapp.helpers.sealing import LOWEST, NO_HEAD, Goal, Head, MacKey, Span, digest_of, entries, signing_keys
from webapp.services.sealing import earlier_version, seals, stored_rows
from webapp.services.sealing.deletions import Keys
from webapp.services.sealing.seals import Seal

#: Maximum number of rows in one seal, so that it fits into memory.
MAX_SEAL_ROWS = 100_000
#: After how many rows the sealing thread sleeps, and for how many seconds, so that requests are answered meanwhile.
REST_INTERVAL_ROWS, REST_SECONDS = 100, 0.002
FIRST = text("SELECT min(number) FROM predictions WHERE number > :after AND number <= :goal")


@dataclass(frozen=True, kw_only=True)
class SealBuilder:
    """Makes seals, and sleeps for ``rest`` seconds after every few rows."""

    key: Ed25519PrivateKey
    #: The keys that may have signed the previous seal.
    trusted: Keys
    mac_key: MacKey
    rest: float = 0.0

    def build(self, connection: Connection, goal: Goal) -> tuple[Head, Seal, int] | None:
        """Return the next seal, its head and how many rows are without a code by right; None if there are no new rows.

        Raises
        ------
        SealDamaged
        """
        last = seals.newest(connection, self.trusted)
        window = _window(connection, last, goal)
        packed, unproven, without_code = self._pack_predictions(connection, *window)
        after = last.audit_events.up_to if last else LOWEST
        events = entries.pack(stored_rows.audit_entries(connection, after, goal.audit_events, MAX_SEAL_ROWS))
        if not (packed or events):
            return None
        head = Head(
            number=last.number + 1 if last else 1,
            created_at=datetime.now(UTC).isoformat(),
            predictions=Span.of(*window, packed),
            audit_events=Span.of(after, _up_to(events, goal.audit_events), events),
            unproven=sha256(unproven).hexdigest(),
            previous=digest_of(last.text) if last else NO_HEAD,
            key=signing_keys.key_id(self.key.public_key()),
        )
        return head, self._sign(head, packed, events, unproven), without_code

    def _sign(self, head: Head, packed: bytes, events: bytes, unproven: bytes) -> Seal:
        return Seal(
            number=head.number,
            head=head.text,
            signature=self.key.sign(head.text.encode()),
            predictions=packed,
            audit_events=events,
            unproven=unproven,
        )

    def _pack_predictions(self, connection: Connection, after: int, up_to: int) -> tuple[bytes, bytes, int]:
        """Return the entries of these rows, the ids of rows without a right code, and how many have none by right."""
        packed, unproven, without_code = bytearray(), bytearray(), 0
        codes_since = earlier_version.codes_since(connection)
        for count, row in enumerate(stored_rows.between(connection, after, up_to), 1):
            leaf = row.leaf({})
            if not row.is_proven(self.mac_key, leaf):
                unproven += row.id.bytes
                without_code += row.is_without_code(codes_since)
            packed += row.id.bytes + leaf
            if self.rest and not count % REST_INTERVAL_ROWS:
                time.sleep(self.rest)
        return bytes(packed), bytes(unproven), without_code


def _window(connection: Connection, last: Head | None, goal: Goal) -> tuple[int, int]:
    """Return the numbers between which the rows of the next seal are, limited to what a seal may hold."""
    after = last.predictions.up_to if last else LOWEST
    # The next numbers are searched first, because a BRIN index can't find the lowest number quickly.
    for reach in (after + MAX_SEAL_ROWS, goal.predictions):
        bounds = {"after": after, "goal": min(reach, goal.predictions)}
        if (first := connection.execute(FIRST, bounds).scalar()) is not None:
            return after, min(goal.predictions, first + MAX_SEAL_ROWS - 1)
    return after, max(after, goal.predictions)


def _up_to(events: bytes, goal: int) -> int:
    """Return the number up to which a seal covers events: that of its last event if it is full."""
    if len(events) < MAX_SEAL_ROWS * entries.SIZE:
        return goal
    return int.from_bytes(events[-entries.SIZE : entries.ID_SIZE - entries.SIZE])
