"""Seals the log: states its contents in a chain of signed heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from webapp.database.sessions import require_session
from webapp.errors import KeysUnavailable, SealsUnavailable, SettingsError
from webapp.helpers.sealing import Goal, Head, MacKey, entries, signing_keys
from webapp.services.audit import Action, record_in
from webapp.services.sealing import lock, prover, seals
from webapp.services.sealing.builder import REST_SECONDS, SealBuilder
from webapp.services.sealing.copies import Copies
from webapp.services.sealing.deletions import Keys
from webapp.services.sealing.key_check import KeyCheck
from webapp.services.sealing.last_head import LastHead
from webapp.services.sealing.sealed import Sealed
from webapp.services.sealing.verifier import Verifier


class Sealer:
    """Adds seals to the log.

    Parameters
    ----------
    mac_key : MacKey
        The key that the rows' codes were made with.
    read_secret : callable
        Returns the key to sign with, as text; called at its first use.
    copies : Copies
        Where heads are copied to.
    key_check : KeyCheck, optional
        Is asked first whether the keys are those of the database.
    last_head : LastHead
        Where the newest head is kept outside the database. No seal is made in a database that lacks it.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        mac_key: MacKey,
        read_secret: Callable[[], str | None],
        copies: Copies,
        key_check: KeyCheck | None = None,
        last_head: LastHead,
    ) -> None:
        self._engine = engine
        self._mac_key = mac_key
        self._read_secret = read_secret
        self._copies = copies
        self._key_check = key_check
        self._last_head = last_head

    @cached_property
    def key(self) -> Ed25519PrivateKey:
        """The key to sign with.

        Raises
        ------
        SettingsError
        """
        if (secret := self._read_secret()) is None:
            raise SettingsError("SEALING_KEY: Set it to seal the log.")
        try:
            return signing_keys.read_private_key(secret)
        except ValueError as error:
            raise SettingsError(f"SEALING_KEY: {error}.") from None

    @property
    def public_key(self) -> Ed25519PublicKey | None:
        """The public half of the key to sign with; None if this host has none."""
        return None if self._read_secret() is None else self.key.public_key()

    def check_key(self) -> None:
        """Check that there is a key to sign with.

        Raises
        ------
        SettingsError
        """
        self.key.public_key()

    def check_session(self) -> None:
        """Check that no pooler would keep the lock; while PostgreSQL is out of reach this passes.

        Raises
        ------
        SettingsError
        """
        with suppress(DBAPIError), self._engine.connect() as connection:
            require_session(connection, self._engine)

    def trusted(self) -> dict[str, Ed25519PublicKey]:
        """Return the key that checks its signatures, by its short name."""
        return _by_id([self.key.public_key()])

    def verifier(self, trusted: Sequence[Ed25519PublicKey] = ()) -> Verifier:
        """Return a verifier of the log, which uses the sealer's own key unless others are given.

        Raises
        ------
        OtherKeys, SealsUnavailable
        """
        self._check_keys(sealing=not trusted, register=False)
        return Verifier(
            engine=self._engine,
            mac_key=self._mac_key,
            copies=self._copies,
            last_head=self._last_head,
            trusted=_by_id(trusted) or self.trusted(),
        )

    def prove(self, id: UUID) -> dict[str, object]:
        """Return the proof of one prediction, for anyone who has the public key.

        Raises
        ------
        PredictionNotFound, NotSealed, NotProvable, SealsUnavailable, OtherKeys
        """
        self._check_keys(register=False)
        return prover.prove(self._engine, id, self.trusted())

    def sealing_lock(self, patience: float = lock.WAIT_SECONDS) -> AbstractContextManager[Connection]:
        """Return a context with a connection, during which no other process seals.

        Raises
        ------
        SealingBusy, SealsUnavailable, OtherKeys
        """
        self._check_keys()
        return lock.sealing_lock(self._engine, patience)

    def seal(
        self, former_keys: Sequence[Ed25519PublicKey] = (), *, actor: str | None = None, restored: bool = False
    ) -> Sealed:
        """Seal all that is not sealed yet.

        Parameters
        ----------
        former_keys : sequence of Ed25519PublicKey
            Keys that were used before; one of them may have signed the newest seal.
        actor : str, optional
            The person who seals. The audit event about it is sealed too.
        restored : bool
            Whether that person says that the database was restored, so that it may lack the newest seal.

        Raises
        ------
        SealDamaged, SealsMissing, SealingBusy, StillWriting, SealsUnavailable
        """
        with self.sealing_lock() as connection:
            if actor:
                details = {"restored": True} if restored else {}
                with connection.begin():
                    record_in(connection, Action.SEALED, "predictions", actor, **details)
            if restored:
                with connection.begin():
                    self._last_head.accept(connection)
                self._copies.start_over()
            return self.seal_on(connection, former_keys=_by_id(former_keys))

    def seal_if_due(self, every: timedelta) -> Sealed | None:
        """Seal, unless the newest seal is younger than ``every``; then keep its head, which another host may have made.

        Raises
        ------
        SealDamaged, SealsMissing, SealingBusy, StillWriting, SealsUnavailable
        """
        with self.sealing_lock(patience=0) as connection:
            with connection.begin():
                last = self.newest(connection)
                self._last_head.follow(connection)
            if last and not _is_due(last, every):
                return None
            return self.seal_on(connection, rest=REST_SECONDS)

    def newest(self, connection: Connection) -> Head | None:
        """Return the head of the newest seal.

        Raises
        ------
        SealDamaged
        """
        return seals.newest(connection, self.trusted())

    def seal_on(self, connection: Connection, rest: float = 0.0, former_keys: Keys | None = None) -> Sealed:
        """Seal on a connection from ``sealing_lock``, and sleep for ``rest`` seconds after every few rows.

        Raises
        ------
        SealDamaged, SealsMissing, StillWriting
        """
        with connection.begin():
            self._last_head.require(connection)
        goal = lock.committed_up_to(connection)
        trusted = {**(former_keys or {}), **self.trusted()}
        builder = SealBuilder(key=self.key, trusted=trusted, mac_key=self._mac_key, rest=rest)
        sealed = Sealed()
        while added := _add_next(connection, builder, goal):
            sealed = sealed.and_one(*added)
        with connection.begin():
            self._last_head.follow(connection)
        self._copies.send(connection)
        return sealed

    def _check_keys(self, **which: bool) -> None:
        try:
            if self._key_check:
                self._key_check.check(**which)
        except KeysUnavailable as error:
            raise SealsUnavailable from error.__cause__


def _by_id(keys: Sequence[Ed25519PublicKey]) -> dict[str, Ed25519PublicKey]:
    return {signing_keys.key_id(key): key for key in keys}


def _is_due(last: Head, every: timedelta) -> bool:
    """Return whether a seal is at least that old, or dated in the future because a clock was wrong."""
    return not timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(last.created_at) < every


def _add_next(connection: Connection, builder: SealBuilder, goal: Goal) -> tuple[Head, int, int] | None:
    """Add one seal, and return its head and how many rows are unproven and without a code; None without new rows."""
    with connection.begin():
        if not (built := builder.build(connection, goal)):
            return None
        head, seal, without_code = built
        seals.add(connection, seal)
    return head, len(seal.unproven) // entries.ID_SIZE, without_code
