"""Makes one seal of what comes after the one before it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

from webapp.helpers.sealing import LOWEST, NO_HEAD, Goal, Head, MacKey, Span, digest_of, entries, signing_keys
from webapp.services.sealing import rows, seals
from webapp.services.sealing.deletions import Keys
from webapp.services.sealing.seals import Seal

#: One seal holds so many rows at most, and so fits into memory.
CHUNK = 100_000
#: The thread that seals lets those who answer people go first: after so many rows it sleeps so many seconds.
ROWS_UNTIL_REST, REST = 100, 0.002
FIRST = text("SELECT min(number) FROM predictions WHERE number > :after AND number <= :goal")


@dataclass(frozen=True, kw_only=True)
class SealBuilder:
    """Makes seals, with a rest of so many seconds after every few rows."""

    key: Ed25519PrivateKey
    #: The keys that may have signed the seal before.
    trusted: Keys
    mac_key: MacKey
    rest: float = 0.0

    def make(self, connection: Connection, goal: Goal) -> tuple[Head, Seal] | None:
        """Make the next seal; None if there is nothing new.

        Raises
        ------
        SealDamaged
        """
        last = seals.newest(connection, self.trusted)
        window = _window(connection, last, goal)
        packed, unproven = self._predictions(connection, *window)
        after = last.audit_events.up_to if last else LOWEST
        events = entries.pack(rows.audit_entries(connection, after, goal.audit_events, CHUNK))
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
        return head, self._signed(head, packed, events, unproven)

    def _signed(self, head: Head, packed: bytes, events: bytes, unproven: bytes) -> Seal:
        return Seal(
            number=head.number,
            head=head.text,
            signature=self.key.sign(head.text.encode()),
            predictions=packed,
            audit_events=events,
            unproven=unproven,
        )

    def _predictions(self, connection: Connection, after: int, up_to: int) -> tuple[bytes, bytes]:
        """Give the entries of these rows, and the ids of those that the service did not record as they are."""
        packed, unproven = bytearray(), bytearray()
        for count, row in enumerate(rows.between(connection, after, up_to), 1):
            leaf = row.leaf({})
            if not row.is_proven(self.mac_key, leaf):
                unproven += row.id.bytes
            packed += row.id.bytes + leaf
            if self.rest and not count % ROWS_UNTIL_REST:
                time.sleep(self.rest)
        return bytes(packed), bytes(unproven)


def _window(connection: Connection, last: Head | None, goal: Goal) -> tuple[int, int]:
    """Give the numbers between which the next seal's rows are, with no more of them than it may hold."""
    after = last.predictions.up_to if last else LOWEST
    # Near by is looked at first, because an index of ranges does not know the lowest number at once.
    for reach in (after + CHUNK, goal.predictions):
        bounds = {"after": after, "goal": min(reach, goal.predictions)}
        if (first := connection.execute(FIRST, bounds).scalar()) is not None:
            return after, min(goal.predictions, first + CHUNK - 1)
    return after, max(after, goal.predictions)


def _up_to(events: bytes, goal: int) -> int:
    """Give the number up to which events are in a seal: of the last one, if there may be more."""
    if len(events) < CHUNK * entries.SIZE:
        return goal
    return int.from_bytes(events[-entries.SIZE : entries.ID_SIZE - entries.SIZE])
