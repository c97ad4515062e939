"""Verifies the whole log: finds every change that was made outside the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, Engine

from webapp.database import catalog
from webapp.database.transactions import failing_as
from webapp.errors import SealsUnavailable
from webapp.helpers.sealing import LOWEST, Head, MacKey, chain, digest_of, entries
from webapp.services.sealing import comparison, deletions, earlier_version, lock, seals, stored_rows
from webapp.services.sealing.copies import Copies
from webapp.services.sealing.deletions import Keys, SignedDeletions
from webapp.services.sealing.last_head import LastHead
from webapp.services.sealing.seals import Seal
from webapp.services.sealing.stored_rows import Row

HIGHEST = 2**63 - 1


class Verifier:
    """Verifies the log once, with the memory that one seal needs.

    Parameters
    ----------
    trusted : Mapping of str to Ed25519PublicKey
        The keys whose signatures are accepted, by their short names.
    """

    def __init__(self, *, engine: Engine, mac_key: MacKey, copies: Copies, last_head: LastHead, trusted: Keys) -> None:
        self._engine = engine
        self._mac_key = mac_key
        self._copies = copies
        self._last_head = last_head
        self._trusted = trusted
        self._deletions = SignedDeletions()
        self._codes_since = earlier_version.ALWAYS
        #: The head of the last seal that could be read, and the number up to which rows were checked.
        self._previous: str | None = None
        self._checked_up_to = LOWEST
        #: The highest number of a row that is not sealed yet.
        self._highest = LOWEST
        self._digests: dict[int, str] = {}
        #: How many rows are sealed, not sealed yet, forgotten, pruned, and older than codes.
        self.counts: Counter[str] = Counter()
        #: Why the seals could not be compared with anything outside the database.
        self.uncompared: str | None = None

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each problem.

        Raises
        ------
        SealsUnavailable
        """
        # Copies are read first: a head is copied after it is visible, so no copy is newer than the log.
        copied, kept = self._copies.read(), self._last_head.read()
        with failing_as(SealsUnavailable), self._engine.connect() as connection:
            # The log is read as it is at one moment, however long that takes.
            connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield from self._problems(connection)
        if copied:
            yield from comparison.copies(self._digests, copied)
        if kept:
            yield from comparison.last_head(self._digests, kept, self._last_head.path)
        elif self._digests and not (copied and copied.digests):
            self.uncompared = (
                f"Nothing outside the database was compared: {self._last_head.path} doesn't exist. "
                "The service keeps its newest seal there; run this where the service runs."
            )

    def _problems(self, connection: Connection) -> Iterator[str]:
        yield from catalog.problems(connection)
        self._deletions = deletions.read(connection, self._trusted)
        for id in self._deletions.unsigned:
            yield f"Audit event {id} says that something was forgotten or pruned, but the service did not sign it."
        self._codes_since = earlier_version.codes_since(connection)
        for number in seals.numbers(connection):
            yield from self._check_seal(connection, seals.get(connection, number))
        yield from self._check_unsealed(connection, HIGHEST)
        # Read after the rows, because PostgreSQL shows what sequences have given out since this transaction began.
        given_out = lock.given_out(connection)
        if self._highest > given_out.predictions:
            yield f"A prediction has number {self._highest}, which was not given out yet, so it would not be sealed."
        if (highest := stored_rows.last_audit_event(connection)) > given_out.audit_events:
            yield f"Audit event {highest} has a number that was not given out yet, so it would not be sealed."
        for row in stored_rows.without_number(connection):
            yield f"Prediction {row.id} was changed or inserted: it has no number."

    def _check_seal(self, connection: Connection, seal: Seal) -> Iterator[str]:
        self.counts["seals"] += 1
        self._digests[seal.number] = digest_of(seal.head)
        yield from chain.signature_problems(seal.number, seal.head, seal.signature, self._trusted)
        try:
            head = Head.read(seal.head)
        except ValueError:
            return
        yield from chain.order_problems(head, seal.number, self._previous)
        yield from chain.content_problems(head, seal.predictions, seal.audit_events, seal.unproven)
        yield from self._check_rows(connection, head, seal)
        self._previous = seal.head

    def _check_rows(self, connection: Connection, head: Head, seal: Seal) -> Iterator[str]:
        span, events = head.predictions, head.audit_events
        # Where a seal is missing, its rows can at least be checked by their codes.
        yield from self._check_unsealed(connection, span.after)
        without_code: set[bytes] = set()
        predictions = self._noting(stored_rows.between(connection, span.after, span.up_to), without_code)
        yield from comparison.predictions(seal.number, seal.predictions, predictions, self._deletions, self.counts)
        yield from self._check_unproven(seal, without_code)
        stored = stored_rows.audit_entries(connection, events.after, events.up_to)
        yield from comparison.audit_events(seal.audit_events, stored)
        self._checked_up_to = max(self._checked_up_to, span.up_to)

    def _noting(self, rows: Iterable[Row], without_code: set[bytes]) -> Iterator[Row]:
        """Yield the rows, and note the ids of those that an earlier version may have recorded without a code."""
        for row in rows:
            if row.is_without_code(self._codes_since):
                without_code.add(row.id.bytes)
            yield row

    def _check_unproven(self, seal: Seal, without_code: set[bytes]) -> Iterator[str]:
        for id in entries.ids(seal.unproven):
            if id in without_code:
                self.counts["older"] += 1
            elif not self._deletions.covers(id, seal.number):
                name = entries.name_of(id)
                yield f"Prediction {name} was inserted or changed before it was sealed: its code is wrong."

    def _check_unsealed(self, connection: Connection, up_to: int) -> Iterator[str]:
        if self._checked_up_to >= up_to:
            return
        for row in stored_rows.between(connection, self._checked_up_to, up_to):
            if row.number == self._highest:
                yield f"Prediction {row.id} was changed or inserted: another one has its number."
            self._highest = row.number or LOWEST
            self.counts["unsealed"] += 1
            is_without_code = row.is_without_code(self._codes_since)
            self.counts["older"] += row.is_older or is_without_code
            if not is_without_code and not row.is_proven(self._mac_key, row.leaf(self._deletions.forgotten)):
                yield f"Prediction {row.id}, which is not sealed yet, was inserted or changed: its code is wrong."
        self._checked_up_to = up_to
