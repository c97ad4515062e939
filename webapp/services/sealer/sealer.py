"""Seals the log: states what it holds, in a chain of signed heads."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Engine, text

from webapp.errors import SettingsError
from webapp.helpers.sealing import LOWEST, NO_HEAD, Goal, Head, MacKey, Span, digest_of, entries, keys
from webapp.services.sealer import alone, prover, rows, seals
from webapp.services.sealer.copies import Copies
from webapp.services.sealer.seals import Seal
from webapp.services.sealer.verifier import Verifier

#: One seal holds so many rows at most, and so fits into memory.
CHUNK = 100_000
#: The thread that seals lets those who answer people go first: after so many rows it sleeps so many seconds.
ROWS_UNTIL_REST, REST = 100, 0.002
FIRST = text("SELECT min(number) FROM predictions WHERE number > :after AND number <= :goal")


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What was sealed at once."""

    seals: int = 0
    predictions: int = 0
    audit_events: int = 0
    #: Rows that did not come from the service, or were changed before they were sealed.
    unproven: int = 0

    def and_one(self, head: Head, unproven: int) -> Sealed:
        """Count one seal more."""
        return Sealed(
            seals=self.seals + 1,
            predictions=self.predictions + head.predictions.count,
            audit_events=self.audit_events + head.audit_events.count,
            unproven=self.unproven + unproven,
        )


class Sealer:
    """Adds seals to the log.

    Parameters
    ----------
    mac_key : MacKey
        What the rows' codes were made with.
    secret : Callable
        Gives the key to sign with, as text; asked when it is needed first.
    copies : Copies
        Where heads are also written.
    """

    def __init__(self, engine: Engine, mac_key: MacKey, secret: Callable[[], str | None], copies: Copies) -> None:
        self._engine = engine
        self._mac_key = mac_key
        self._secret = secret
        self._copies = copies

    @cached_property
    def key(self) -> Ed25519PrivateKey:
        """The key to sign with.

        Raises
        ------
        SettingsError
        """
        if (secret := self._secret()) is None:
            raise SettingsError("SEALING_KEY: Set it to seal the log.")
        try:
            return keys.read_private_key(secret)
        except ValueError as error:
            raise SettingsError(f"SEALING_KEY: {error}.") from None

    def check_key(self) -> None:
        """Make sure that there is a key to sign with.

        Raises
        ------
        SettingsError
        """
        self.key.public_key()

    def trusted(self) -> dict[str, Ed25519PublicKey]:
        """Give the key that its signatures can be checked with, by its short name."""
        public = self.key.public_key()
        return {keys.key_id(public): public}

    def verifier(self, trusted: Sequence[Ed25519PublicKey] = ()) -> Verifier:
        """Give what verifies the log, by its own key unless others are given."""
        known = {keys.key_id(each): each for each in trusted} or self.trusted()
        return Verifier(self._engine, self._mac_key, self._copies, known)

    def prove(self, id: UUID) -> dict[str, object]:
        """Give what proves one prediction to whoever has the public key.

        Raises
        ------
        PredictionNotFound, NotSealed, NotProvable, SealsUnavailable
        """
        return prover.prove(self._engine, id, self.trusted())

    def alone(self, patience: float = alone.PATIENCE) -> AbstractContextManager[Connection]:
        """Give a connection on which nobody else seals meanwhile.

        Raises
        ------
        SealingBusy, SealsUnavailable
        """
        return alone.alone(self._engine, patience)

    def seal(self) -> Sealed:
        """Seal all that is not sealed yet.

        Raises
        ------
        SealingBusy, StillWriting, SealsUnavailable
        """
        with self.alone() as connection:
            return self.seal_on(connection)

    def seal_if_due(self, every: timedelta) -> Sealed | None:
        """Seal unless somebody has since ``every`` ago.

        Raises
        ------
        SealingBusy, StillWriting, SealsUnavailable
        """
        with self.alone(patience=0) as connection:
            with connection.begin():
                last = seals.newest(connection)
            if last and datetime.fromisoformat(last.created_at) + every > datetime.now(UTC):
                return None
            return self.seal_on(connection, rest=REST)

    def seal_on(self, connection: Connection, rest: float = 0.0) -> Sealed:
        """Seal on a connection that ``alone`` gave, with a rest of so many seconds after every few rows."""
        goal = alone.settled(connection)
        sealed = Sealed()
        while made := self._seal_next(connection, goal, rest):
            sealed = sealed.and_one(*made)
        self._copies.send(connection)
        return sealed

    def _seal_next(self, connection: Connection, goal: Goal, rest: float) -> tuple[Head, int] | None:
        """Add one seal, and give its head and how many rows in it are not proven; None if nothing is new."""
        with connection.begin():
            last = seals.newest(connection)
            window = _window(connection, last, goal)
            packed, unproven = self._predictions(connection, *window, rest)
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
                key=keys.key_id(self.key.public_key()),
            )
            self._add(connection, head, packed, events, unproven)
        return head, len(unproven) // entries.ID_SIZE

    def _add(self, connection: Connection, head: Head, packed: bytes, events: bytes, unproven: bytes) -> None:
        signature = self.key.sign(head.text.encode())
        seal = Seal(
            number=head.number,
            head=head.text,
            signature=signature,
            predictions=packed,
            audit_events=events,
            unproven=unproven,
        )
        seals.add(connection, seal)

    def _predictions(self, connection: Connection, after: int, up_to: int, rest: float) -> tuple[bytes, bytes]:
        """Give the entries of these rows, and the ids of those that the service did not record as they are."""
        packed, unproven = bytearray(), bytearray()
        for row in rows.between(connection, after, up_to):
            leaf = row.leaf({})
            if not row.is_proven(self._mac_key, leaf):
                unproven += row.id.bytes
            packed += row.id.bytes + leaf
            if rest and not len(packed) % (ROWS_UNTIL_REST * entries.SIZE):
                time.sleep(rest)
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
    if len(events) < CHUNK * entries.SIZE:
        return goal
    return int.from_bytes(events[-entries.SIZE : -32])
