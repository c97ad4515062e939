"""Compares this host's keys with those that the database was used with before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database.sqlstates import INSUFFICIENT_PRIVILEGE, RowsDiscarded, sqlstate
from webapp.database.tables.keys import KeyFingerprint
from webapp.database.transactions import failing_as, transaction, write
from webapp.errors import KeysUnavailable, OtherKeys, PredictionLogUnavailable, SealDamaged, SettingsError
from webapp.helpers.sealing import MacKey, signing_keys
from webapp.helpers.sealing.derived_keys import fingerprint_of
from webapp.services.audit import Action, record_in
from webapp.services.sealing import seals, stored_rows
from webapp.services.spool import Spool

logger = logging.getLogger(__name__)

TABLE = KeyFingerprint.__table__
SECRET_KEY, SEALING_KEY = "SECRET_KEY", "SEALING_KEY"
#: How many of the newest records are read to see whether their codes were made with this host's key.
SAMPLED_ROWS = 100
REMEDY = (
    "Every host needs the same keys: copy secret_key and sealing_key from the instance folder of the first host, or "
    "set SECRET_KEY and SEALING_KEY to what it has. If you changed the key on purpose, run as the owner of the "
    "tables: flask --app wsgi database accept-keys"
)
ANOTHER = "{} is not the key that this database is used with. " + REMEDY
NOT_OF_DATA = "{} is not the key that the records in this database were made with. " + REMEDY
NOT_OF_SPOOL = (
    "SECRET_KEY was changed while records wait in the spool, whose codes were made with the old one. Go back to the "
    "old key until flask --app wsgi spool status says 0 rows."
)
NOT_GRANTED = "The role in DATABASE_URL lacks new privileges. As the owner, run: flask --app wsgi database grant ROLE"


class KeyCheck:
    """Compares the keys, and registers those of the first host that uses the database.

    Parameters
    ----------
    engine : Engine
        Commits each statement and does not wait long.
    public_key : callable
        Returns the public half of the sealing key; None where this host has none.
    spool : Spool or None
        Where the accepted key is noted, for a start without PostgreSQL.
    """

    def __init__(
        self, *, engine: Engine, secret: str, public_key: Callable[[], Ed25519PublicKey | None], spool: Spool | None
    ) -> None:
        self._engine = engine
        self._secret = fingerprint_of(secret)
        self._mac_key = MacKey(secret)
        self._public_key = public_key
        self._spool = spool
        #: Whether the secret key was compared since PostgreSQL was last out of reach, which may be another then.
        self._is_compared = False
        self._is_accepted = False
        #: Why the database refused the keys, until it accepts them.
        self._refusal: str | None = None

    def start(self) -> None:
        """Compare both keys before the first request.

        Raises
        ------
        OtherKeys
            Also when records wait in the spool that were made with another key.
        KeysUnavailable
        """
        self.check()
        self._accept()

    def check(self, *, sealing: bool = True, register: bool = True) -> None:
        """Compare the secret key and, if ``sealing``, the sealing key; ``register`` those that are missing.

        Raises
        ------
        OtherKeys
            When a key is another, or does not fit the records in a database that has no fingerprints yet.
        KeysUnavailable
        """
        own = self._fingerprints() if sealing else {SECRET_KEY: self._secret}
        with failing_as(KeysUnavailable), self._engine.connect() as connection:
            known = _known(connection)
            if register and own.keys() - known.keys():
                self._require_fit(connection, own.keys() - known.keys())
                # In one statement: of two hosts that register at once, the first one registers both of its keys.
                connection.execute(insert(KeyFingerprint).values(_rows(own)).on_conflict_do_nothing())
                known = _known(connection)
                if own.keys() - known.keys():
                    raise RowsDiscarded
        for name, fingerprint in own.items():
            if known.get(name, fingerprint) != fingerprint:
                # The database may have accepted another key since the last record.
                self.forget()
                raise OtherKeys(ANOTHER.format(name))

    def before_recording(self) -> None:
        """Compare the secret key, unless that was done since PostgreSQL was last out of reach.

        Raises
        ------
        PredictionLogUnavailable
            When the key is another, or could not be compared; nothing may be stored then.
        """
        if self._is_compared:
            return
        try:
            self.check(sealing=False)
            self._accept()
        except KeysUnavailable as error:
            raise PredictionLogUnavailable from error.__cause__
        except OtherKeys as error:
            if error.message != self._refusal:
                logger.critical("%s", error.message)
            self._refusal, self._is_accepted = error.message, False
            raise PredictionLogUnavailable from error

    def before_spooling(self) -> None:
        """Check that the database accepted the secret key when it was last asked, by this process or another.

        Raises
        ------
        PredictionLogUnavailable
            Otherwise: records that wait would have codes that nobody can check.
        """
        if self._refusal is None and (self._is_accepted or self._is_noted()):
            return
        if self._refusal is None:
            logger.error("Nothing is recorded in the spool: SECRET_KEY was never compared with the database's")
        raise PredictionLogUnavailable

    def forget(self) -> None:
        """Compare the keys again before the next record: what answers next may be another PostgreSQL."""
        self._is_compared = False

    def accept(self, engine: Engine, actor: str) -> list[str]:
        """Let the database accept this host's keys in place of others, as its owner; return those that changed.

        Raises
        ------
        KeysUnavailable
        """
        own = self._fingerprints()
        with transaction(engine, KeysUnavailable) as connection:
            known = _known(connection)
            changed = [name for name, fingerprint in own.items() if known.get(name) != fingerprint]
            statement = insert(KeyFingerprint).values(_rows(own))
            values = {"fingerprint": statement.excluded.fingerprint, "since": func.now()}
            is_other = TABLE.c.fingerprint != statement.excluded.fingerprint
            upsert = statement.on_conflict_do_update(index_elements=[TABLE.c.name], set_=values, where=is_other)
            write(connection, upsert, rows=len(changed))
            if changed:
                record_in(connection, Action.KEYS_ACCEPTED, ", ".join(changed), actor)
        return changed

    def _is_noted(self) -> bool:
        return self._spool is not None and self._spool.key_note.read() == self._secret

    def _fingerprints(self) -> dict[str, str]:
        public_key = self._public_key()
        sealing = {SEALING_KEY: signing_keys.key_id(public_key)} if public_key else {}
        return {SECRET_KEY: self._secret} | sealing

    def _require_fit(self, connection: Connection, names: set[str]) -> None:
        """Check that a database of an older release was used with these keys, so that no stray host is the first."""
        if SECRET_KEY in names:
            codes = [
                row.is_proven(self._mac_key, row.leaf({})) for row in stored_rows.newest_coded(connection, SAMPLED_ROWS)
            ]
            if codes and not any(codes):
                raise OtherKeys(NOT_OF_DATA.format(SECRET_KEY))
        if SEALING_KEY in names and (public_key := self._public_key()):
            try:
                seals.newest(connection, {signing_keys.key_id(public_key): public_key})
            except SealDamaged:
                raise OtherKeys(NOT_OF_DATA.format(SEALING_KEY)) from None

    def _accept(self) -> None:
        if not self._is_accepted and self._spool:
            noted = self._spool.key_note.read()
            if noted not in (None, self._secret) and not self._spool.is_empty():
                raise OtherKeys(NOT_OF_SPOOL)
            if noted != self._secret:
                # Without the note, predictions are refused if the service starts while PostgreSQL is out of reach.
                with suppress(OSError):
                    self._spool.key_note.write(self._secret)
        self._is_compared = self._is_accepted = True
        self._refusal = None


def require_privileges(error: KeysUnavailable) -> None:
    """Tell a role that may not read the fingerprints from a database that can't be reached.

    Raises
    ------
    SettingsError
    """
    if sqlstate(error.__cause__) == INSUFFICIENT_PRIVILEGE:
        raise SettingsError(NOT_GRANTED) from error


def _known(connection: Connection) -> Mapping[str, str]:
    return {row.name: row.fingerprint for row in connection.execute(select(TABLE))}


def _rows(fingerprints: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "fingerprint": fingerprint} for name, fingerprint in fingerprints.items()]
