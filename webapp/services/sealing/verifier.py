"""Goes through the whole log and tells all that was done to it behind the service's back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection, Engine

from webapp.database.transactions import failing_as
from webapp.errors import SealsUnavailable
from webapp.helpers.sealing import LOWEST, Head, MacKey, chain, digest_of, entries
from webapp.services.sealing import comparison, deletions, rows, seals, triggers
from webapp.services.sealing.copies import Copies
from webapp.services.sealing.deletions import Keys, SignedDeletions
from webapp.services.sealing.seals import Seal

HIGHEST = 2**63 - 1


class Verifier:
    """Verifies once, with as much memory as one seal takes.

    Parameters
    ----------
    trusted : Mapping of str to Ed25519PublicKey
        The keys whose signatures count, by their short names.
    """

    def __init__(self, engine: Engine, mac_key: MacKey, copies: Copies, trusted: Keys) -> None:
        self._engine = engine
        self._mac_key = mac_key
        self._copies = copies
        self._trusted = trusted
        self._excuses = SignedDeletions()
        #: The head of the last seal that could be read, and the numbers up to which rows were looked at.
        self._before: str | None = None
        self._reached = LOWEST
        self._digests: dict[int, str] = {}
        #: How many rows are sealed, not sealed yet, forgotten, pruned, and from before there were codes.
        self.counts: Counter[str] = Counter()

    def problems(self) -> Iterator[str]:
        """Give a sentence for each thing that is wrong.

        Raises
        ------
        SealsUnavailable
        """
        # They are read first: a head is written to its copy after it can be seen, so none is newer than the log.
        copied = self._copies.read()
        with failing_as(SealsUnavailable), self._engine.connect() as connection:
            # All is looked at as it is at one moment, however long that takes.
            connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield from self._problems(connection)
        if copied:
            yield from comparison.copies(self._digests, copied)

    def _problems(self, connection: Connection) -> Iterator[str]:
        yield from triggers.problems(connection)
        self._excuses = deletions.read(connection, self._trusted)
        for id in self._excuses.unsigned:
            yield f"Audit event {id} says that something was forgotten or pruned, but the service did not sign it."
        for number in seals.numbers(connection):
            yield from self._seal(connection, seals.get(connection, number))
        yield from self._unsealed(connection, HIGHEST)
        for row in rows.without_number(connection):
            yield f"Prediction {row.id} was changed or inserted: it has no number."

    def _seal(self, connection: Connection, seal: Seal) -> Iterator[str]:
        self.counts["seals"] += 1
        self._digests[seal.number] = digest_of(seal.head)
        yield from chain.signature_problems(seal.number, seal.head, seal.signature, self._trusted)
        try:
            head = Head.read(seal.head)
        except ValueError:
            return
        yield from chain.order_problems(head, seal.number, self._before)
        yield from chain.content_problems(head, seal.predictions, seal.audit_events, seal.unproven)
        yield from self._rows(connection, head, seal)
        self._before = seal.head

    def _rows(self, connection: Connection, head: Head, seal: Seal) -> Iterator[str]:
        span, events = head.predictions, head.audit_events
        # Where a seal is gone, its rows have at least their codes.
        yield from self._unsealed(connection, span.after)
        found = rows.between(connection, span.after, span.up_to)
        yield from comparison.predictions(seal.number, seal.predictions, found, self._excuses, self.counts)
        yield from self._unproven(seal)
        given = rows.audit_entries(connection, events.after, events.up_to)
        yield from comparison.audit_events(seal.audit_events, given)
        self._reached = max(self._reached, span.up_to)

    def _unproven(self, seal: Seal) -> Iterator[str]:
        for id in entries.ids(seal.unproven):
            if not self._excuses.covers(id, seal.number):
                yield f"Prediction {UUID(bytes=id)} was inserted or changed before it was sealed: its code is wrong."

    def _unsealed(self, connection: Connection, up_to: int) -> Iterator[str]:
        if self._reached >= up_to:
            return
        for row in rows.between(connection, self._reached, up_to):
            self.counts["unsealed"] += 1
            self.counts["older"] += row.is_older
            if not row.is_proven(self._mac_key, row.leaf(self._excuses.forgotten)):
                yield f"Prediction {row.id}, which is not sealed yet, was inserted or changed: its code is wrong."
        self._reached = up_to
