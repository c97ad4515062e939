"""Which request holds an Idempotency-Key, and what it was answered: the only place that reads or writes it."""

from __future__ import annotations

import hmac
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database.tables.idempotency import IdempotencyKey
from webapp.database.transactions import transaction
from webapp.errors import IdempotencyKeyInUse, IdempotencyKeyReused, IdempotencyUnavailable
from webapp.helpers.sealing.derived_keys import derive_key
from webapp.services.background import BackgroundThread

TABLE = IdempotencyKey.__table__
#: For so long a key gives the same answer.
KEPT = timedelta(hours=24)
#: So many old rows are removed at once.
CHUNK = 1000
#: Old rows are looked for so often, or at once again while there are more than one chunk of them.
PRUNE_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to run the request of a key and to keep its answer."""

    id: UUID
    scope: str
    key: bytes


@dataclass(frozen=True, kw_only=True)
class StoredAnswer:
    """An answer as it went out."""

    status: int
    content_type: str
    body: bytes


class IdempotencyKeys:
    """Lets one request run for each key, and keeps its answer for the others."""

    def __init__(self, engine: Engine, lease: timedelta, secret: str) -> None:
        self._engine = engine
        self._secret = derive_key("idempotency keys", secret)
        #: After so long, a claim that was not answered is taken to be a dead worker's.
        self._lease = lease
        self._pruning = BackgroundThread("idempotency keys", self._prune_all, rest=PRUNE_SECONDS)

    def start(self) -> None:
        """Begin to remove old rows; call it after a fork, never before one."""
        self._pruning.start()

    def stop(self) -> None:
        """End that."""
        self._pruning.stop()

    def claim(self, scope: str, key: str, fingerprint: bytes) -> Claim | StoredAnswer:
        """Claim a key, or give the answer that is kept for it.

        Raises
        ------
        IdempotencyKeyReused
            When another request was sent with it.
        IdempotencyKeyInUse
            When the same request is still running.
        IdempotencyUnavailable
        """
        # Clients put names and numbers of people into keys and bodies. To know them again, a digest is enough, and
        # without the secret nobody can try what it is of.
        claim = Claim(id=uuid4(), scope=scope, key=self._digest(key.encode()))
        fingerprint = self._digest(fingerprint)
        with self._transaction() as connection:
            found = None if self._take(connection, claim, fingerprint) else _answer(connection, claim, fingerprint)
        return found or claim

    def finish(self, claim: Claim, answer: StoredAnswer) -> bool:
        """Keep the answer of a claim; tell whether that could be done."""
        values = {"status": answer.status, "content_type": answer.content_type, "answer": answer.body}
        try:
            with self._transaction() as connection:
                return connection.execute(update(IdempotencyKey).where(*_is(claim)).values(values)).rowcount == 1
        except IdempotencyUnavailable:
            return False

    def abandon(self, claim: Claim) -> None:
        """Let go of a claim, so that the next request runs anew; if that fails, its lease runs out."""
        with suppress(IdempotencyUnavailable), self._transaction() as connection:
            connection.execute(delete(IdempotencyKey).where(*_is(claim)))

    def prune(self) -> int:
        """Remove up to a chunk of old rows, and tell how many.

        Raises
        ------
        IdempotencyUnavailable
        """
        # What another process is removing, or a request is claiming anew, is left to it.
        query = select(TABLE.c.scope, TABLE.c.key).where(_old()).limit(CHUNK).with_for_update(skip_locked=True)
        old = query.cte("old")
        remove = delete(IdempotencyKey).where(TABLE.c.scope == old.c.scope, TABLE.c.key == old.c.key)
        with self._transaction() as connection:
            return connection.execute(remove).rowcount

    def _take(self, connection: Connection, claim: Claim, fingerprint: bytes) -> bool:
        row = {"fingerprint": fingerprint, "claimed_at": func.now(), "claim": claim.id}
        left = and_(TABLE.c.status.is_(None), TABLE.c.claimed_at < func.now() - self._lease)
        taken = (
            insert(IdempotencyKey)
            .values(scope=claim.scope, key=claim.key, **row)
            .on_conflict_do_update(
                index_elements=[TABLE.c.scope, TABLE.c.key],
                set_=row | {"status": None, "content_type": None, "answer": None},
                where=or_(_old(), left),
            )
            .returning(TABLE.c.claim)
        )
        return connection.execute(taken).one_or_none() is not None

    def _prune_all(self) -> float:
        with suppress(IdempotencyUnavailable):
            if self.prune() == CHUNK:
                return 0.0
        return PRUNE_SECONDS

    def _digest(self, sent: bytes) -> bytes:
        return hmac.digest(self._secret, sent, "sha256")

    def _transaction(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, IdempotencyUnavailable)


def _answer(connection: Connection, claim: Claim, fingerprint: bytes) -> StoredAnswer:
    # The attempt to take the row has locked it, so it is still there.
    row = connection.execute(select(TABLE).where(TABLE.c.scope == claim.scope, TABLE.c.key == claim.key)).one()
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.status is None:
        raise IdempotencyKeyInUse
    return StoredAnswer(status=row.status, content_type=row.content_type, body=row.answer)


def _is(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return TABLE.c.scope == claim.scope, TABLE.c.key == claim.key, TABLE.c.claim == claim.id


def _old() -> ColumnElement[bool]:
    return TABLE.c.claimed_at < func.now() - KEPT
