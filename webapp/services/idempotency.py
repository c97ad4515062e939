"""Idempotency keys: which request claimed each, and its answer. Only this module reads and writes them."""

from __future__ import annotations

import hmac
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database.sqlstates import RowsDiscarded
from webapp.database.tables.idempotency import IdempotencyKey
from webapp.database.transactions import transaction
from webapp.errors import IdempotencyKeyInUse, IdempotencyKeyReused, IdempotencyUnavailable
from webapp.helpers.sealing.derived_keys import derive_key
from webapp.services.background_thread import BackgroundThread, OnRound, ignore

TABLE = IdempotencyKey.__table__
#: How long a key gets the same answer.
RETENTION = timedelta(hours=24)
#: Maximum number of old rows that are removed at once.
PRUNE_BATCH_ROWS = 1000
#: Seconds between two searches for old rows; after a full batch the next one follows at once.
PRUNE_INTERVAL_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to run the request of a key and to store its answer."""

    id: UUID
    scope: str
    key: bytes


@dataclass(frozen=True, kw_only=True)
class StoredAnswer:
    """An answer as it was sent."""

    status: int
    content_type: str
    body: bytes


class IdempotencyKeys:
    """Allows one request to run for each key, and stores its answer for repetitions."""

    def __init__(self, engine: Engine, lease: timedelta, secret: str, on_round: OnRound = ignore) -> None:
        self._engine = engine
        self._secret = derive_key("idempotency keys", secret)
        #: After this time, a claim without an answer is taken to belong to a dead worker.
        self._lease = lease
        self._pruning = BackgroundThread(
            "idempotency keys", self._prune_all, rest=PRUNE_INTERVAL_SECONDS, on_round=on_round
        )

    def start(self) -> None:
        """Start to remove old rows; call this after a fork, never before one."""
        self._pruning.start()

    def stop(self) -> None:
        """Stop removing old rows."""
        self._pruning.stop()

    def claim(self, scope: str, key: str, fingerprint: bytes) -> Claim | StoredAnswer:
        """Claim a key, or return the answer that is stored for it.

        Raises
        ------
        IdempotencyKeyReused
            When another request was sent with this key.
        IdempotencyKeyInUse
            When the same request is still running.
        IdempotencyUnavailable
        """
        # Clients put names and numbers of people into keys and bodies. A digest is enough to recognise them, and
        # without the secret it can't be found by guessing.
        claim = Claim(id=uuid4(), scope=scope, key=self._digest(key.encode()))
        fingerprint = self._digest(fingerprint)
        with self._transaction() as connection:
            if self._take(connection, claim, fingerprint):
                return claim
            return _answer(connection, claim, fingerprint)

    def finish(self, claim: Claim, answer: StoredAnswer) -> bool:
        """Store the answer of a claim; return whether that succeeded."""
        values = {"status": answer.status, "content_type": answer.content_type, "answer": answer.body}
        try:
            with self._transaction() as connection:
                statement = update(IdempotencyKey).where(*_is_claimed_by(claim)).values(values)
                return connection.execute(statement).rowcount == 1
        except IdempotencyUnavailable:
            return False

    def abandon(self, claim: Claim) -> None:
        """Release a claim, so that a repetition runs the request again; if that fails, the lease expires."""
        with suppress(IdempotencyUnavailable), self._transaction() as connection:
            connection.execute(delete(IdempotencyKey).where(*_is_claimed_by(claim)))

    def prune(self) -> int:
        """Remove up to one batch of old rows, and return how many.

        Raises
        ------
        IdempotencyUnavailable
        """
        # Rows that another process is removing, or that a request is claiming again, are skipped.
        query = select(TABLE.c.scope, TABLE.c.key).where(_is_old()).limit(PRUNE_BATCH_ROWS)
        old = query.with_for_update(skip_locked=True).cte("old")
        removal = delete(IdempotencyKey).where(TABLE.c.scope == old.c.scope, TABLE.c.key == old.c.key)
        with self._transaction() as connection:
            return connection.execute(removal).rowcount

    def _take(self, connection: Connection, claim: Claim, fingerprint: bytes) -> bool:
        row = {"fingerprint": fingerprint, "claimed_at": func.now(), "claim": claim.id}
        is_abandoned = and_(TABLE.c.status.is_(None), TABLE.c.claimed_at < func.now() - self._lease)
        statement = (
            insert(IdempotencyKey)
            .values(scope=claim.scope, key=claim.key, **row)
            .on_conflict_do_update(
                index_elements=[TABLE.c.scope, TABLE.c.key],
                set_=row | {"status": None, "content_type": None, "answer": None},
                where=or_(_is_old(), is_abandoned),
            )
            .returning(TABLE.c.claim)
        )
        return connection.execute(statement).one_or_none() is not None

    def _prune_all(self) -> float:
        with suppress(IdempotencyUnavailable):
            if self.prune() == PRUNE_BATCH_ROWS:
                return 0.0
        return PRUNE_INTERVAL_SECONDS

    def _digest(self, sent: bytes) -> bytes:
        return hmac.digest(self._secret, sent, "sha256")

    def _transaction(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, IdempotencyUnavailable)


def _answer(connection: Connection, claim: Claim, fingerprint: bytes) -> StoredAnswer:
    # The attempt to claim the row has locked it, so it is still there, unless PostgreSQL never kept it.
    query = select(TABLE).where(TABLE.c.scope == claim.scope, TABLE.c.key == claim.key)
    if (row := connection.execute(query).one_or_none()) is None:
        raise RowsDiscarded
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.status is None:
        raise IdempotencyKeyInUse
    return StoredAnswer(status=row.status, content_type=row.content_type, body=row.answer)


def _is_claimed_by(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return TABLE.c.scope == claim.scope, TABLE.c.key == claim.key, TABLE.c.claim == claim.id


def _is_old() -> ColumnElement[bool]:
    return TABLE.c.claimed_at < func.now() - RETENTION
