"""Seals the log: states what it holds, in a chain of signed heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Engine

from webapp.errors import SettingsError
from webapp.helpers.sealing import Goal, Head, MacKey, entries, signing_keys
from webapp.services.audit import Action, record_in
from webapp.services.sealing import lock, prover, seals
from webapp.services.sealing.builder import REST, SealBuilder
from webapp.services.sealing.copies import Copies
from webapp.services.sealing.deletions import Keys
from webapp.services.sealing.verifier import Verifier


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
            return signing_keys.read_private_key(secret)
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
        return {signing_keys.key_id(public): public}

    def verifier(self, trusted: Sequence[Ed25519PublicKey] = ()) -> Verifier:
        """Give what verifies the log, by its own key unless others are given."""
        known = {signing_keys.key_id(each): each for each in trusted} or self.trusted()
        return Verifier(self._engine, self._mac_key, self._copies, known)

    def prove(self, id: UUID) -> dict[str, object]:
        """Give what proves one prediction to whoever has the public key.

        Raises
        ------
        PredictionNotFound, NotSealed, NotProvable, SealsUnavailable
        """
        return prover.prove(self._engine, id, self.trusted())

    def sealing_lock(self, patience: float = lock.PATIENCE) -> AbstractContextManager[Connection]:
        """Give a connection on which nobody else seals meanwhile.

        Raises
        ------
        SealingBusy, SealsUnavailable
        """
        return lock.sealing_lock(self._engine, patience)

    def seal(self, formerly: Sequence[Ed25519PublicKey] = (), *, actor: str | None = None) -> Sealed:
        """Seal all that is not sealed yet.

        Parameters
        ----------
        formerly : sequence of Ed25519PublicKey
            The keys that were used before: one of them may have signed the newest seal.
        actor : str, optional
            The person who seals. The audit event about it is among what is sealed.

        Raises
        ------
        SealDamaged, SealingBusy, StillWriting, SealsUnavailable
        """
        with self.sealing_lock() as connection:
            if actor:
                with connection.begin():
                    record_in(connection, Action.SEALED, "predictions", actor)
            return self.seal_on(connection, formerly={signing_keys.key_id(each): each for each in formerly})

    def seal_if_due(self, every: timedelta) -> Sealed | None:
        """Seal unless somebody has since ``every`` ago.

        Raises
        ------
        SealDamaged, SealingBusy, StillWriting, SealsUnavailable
        """
        with self.sealing_lock(patience=0) as connection:
            with connection.begin():
                last = self.newest(connection)
            if last and not _is_due(last, every):
                return None
            return self.seal_on(connection, rest=REST)

    def newest(self, connection: Connection) -> Head | None:
        """Give what the newest seal says.

        Raises
        ------
        SealDamaged
        """
        return seals.newest(connection, self.trusted())

    def seal_on(self, connection: Connection, rest: float = 0.0, formerly: Keys | None = None) -> Sealed:
        """Seal on a connection that ``sealing_lock`` yielded, with a rest of so many seconds after every few rows."""
        goal = lock.committed_up_to(connection)
        trusted = {**(formerly or {}), **self.trusted()}
        maker = SealBuilder(key=self.key, trusted=trusted, mac_key=self._mac_key, rest=rest)
        sealed = Sealed()
        while made := _add_next(connection, maker, goal):
            sealed = sealed.and_one(*made)
        self._copies.send(connection)
        return sealed


def _is_due(last: Head, every: timedelta) -> bool:
    """Tell whether a seal is older than that, or from a time that is still to come because a clock was wrong."""
    return not timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(last.created_at) < every


def _add_next(connection: Connection, maker: SealBuilder, goal: Goal) -> tuple[Head, int] | None:
    """Add one seal, and give its head and how many rows in it are not proven; None if nothing is new."""
    with connection.begin():
        if not (made := maker.make(connection, goal)):
            return None
        head, seal = made
        seals.add(connection, seal)
    return head, len(seal.unproven) // entries.ID_SIZE
