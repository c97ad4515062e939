"""Forgets what one person was asked about, and drops whole months that are old enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, literal_column, select, text

from webapp.errors import RowsCameLate
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.redaction import Redaction
from webapp.helpers.sealing import Head
from webapp.services.audit import Action, record_in
from webapp.services.prediction_log.conditions import TABLE, indexed, looked_for
from webapp.services.retention.table_owner import as_table_owner, triggers_disabled
from webapp.services.sealing import Sealer, deletions, rows

#: The events that excuse what was forgotten hold so many rows each.
ROWS_IN_EVENT = 1_000
PARTITION = literal_column("predictions.tableoid::regclass::text", TABLE.c.model.type)
PARTITIONS = text("""
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'predictions'::regclass AND c.relname ~ '^predictions_[0-9]{6}$' ORDER BY 1""")
FORGET = "UPDATE {} SET inputs = NULL, warnings = '[]', salt = NULL WHERE created_at = :created_at AND id = :id"
TOLD = "SELECT count(*) AS rows, coalesce(max(number), :sealed) <= :sealed AS are_sealed FROM {}"

Found = dict[str, list[rows.Row]]


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """One month that is gone."""

    partition: str
    rows: int


class Retention:
    """Each of its works seals the log before, so that what it takes away is known, and after, so that it is told."""

    def __init__(self, sealer: Sealer, redaction: Redaction) -> None:
        self._sealer = sealer
        self._redaction = redaction

    def forget(self, model: str, inputs: Sequence[tuple[str, str]], actor: str) -> int:
        """Take inputs and warnings out of all predictions that have these inputs, and tell how many these are.

        Raises
        ------
        SealDamaged, NotTableOwner, TablesBusy, SealingBusy, StillWriting, SealsUnavailable
        """
        with self._sealer.sealing_lock() as connection:
            self._sealer.seal_on(connection)
            with as_table_owner(connection):
                # An input of which only a pseudonym is kept is found by its value too.
                filter = self._redaction.with_pseudonyms(Filter(model=model, inputs=tuple(inputs)))
                found = _matching(connection, filter, self._sealer.newest(connection))
                for partition, matching in found.items():
                    _forget(connection, partition, matching)
                names = sorted({name for name, _ in inputs})
                self._tell_forgotten(connection, model, names, found, actor)
            self._sealer.seal_on(connection)
            _vacuum(connection, found)
        return sum(map(len, found.values()))

    def prune(self, before: datetime, actor: str) -> list[Dropped]:
        """Drop all months that were over before an instant.

        Raises
        ------
        RowsCameLate, SealDamaged, NotTableOwner, TablesBusy, SealingBusy, StillWriting, SealsUnavailable
        """
        with self._sealer.sealing_lock() as connection:
            self._sealer.seal_on(connection)
            with as_table_owner(connection):
                names = connection.execute(PARTITIONS).scalars()
                dropped = [self._drop(connection, name, actor) for name in names if _span(name)[1] <= before]
            self._sealer.seal_on(connection)
        return dropped

    def _tell_forgotten(self, connection: Connection, model: str, names: list[str], found: Found, actor: str) -> None:
        matching = [row for each in found.values() for row in each]
        for start in range(0, len(matching), ROWS_IN_EVENT):
            some = matching[start : start + ROWS_IN_EVENT]
            digests = {str(row.id): row.payload_digest.hex() for row in some}
            # The values that were looked for are not told, as they are what is forgotten.
            details = {"inputs": ", ".join(names), "predictions": len(some)}
            self._tell(connection, Action.FORGOT, model, actor, details, {"rows": digests})

    def _drop(self, connection: Connection, name: str, actor: str) -> Dropped:
        last = self._sealer.newest(connection)
        sealed = last.predictions.up_to if last else 0
        # Nobody adds a row between the count and the end.
        connection.execute(text(f"LOCK TABLE {name} IN EXCLUSIVE MODE"))
        told = connection.execute(text(TOLD.format(name)), {"sealed": sealed}).one()
        if not told.are_sealed:
            raise RowsCameLate
        connection.execute(text(f"ALTER TABLE predictions DETACH PARTITION {name}"))
        connection.execute(text(f"DROP TABLE {name}"))
        begins, ends = (each.isoformat() for each in _span(name))
        evidence = {"from": begins, "to": ends, "seal": last.number if last else 0}
        self._tell(connection, Action.PRUNED, name, actor, {"predictions": told.rows}, evidence)
        return Dropped(partition=name, rows=told.rows)

    def _tell(
        self,
        connection: Connection,
        action: Action,
        subject: str,
        actor: str,
        details: dict[str, object],
        evidence: dict[str, object],
    ) -> None:
        signed = deletions.signed(self._sealer.key, action, subject, details, evidence)
        record_in(connection, action, subject, actor, **signed)


def _matching(connection: Connection, filter: Filter, last: Head | None) -> Found:
    """Give the rows that are sealed and not forgotten yet, by the partition that they are in."""
    sealed = TABLE.c.number <= (last.predictions.up_to if last else 0)
    query = select(PARTITION, TABLE.c.id, TABLE.c.created_at).where(sealed)
    found: Found = defaultdict(list)
    for partition, id, created_at in connection.execute(query.where(*indexed(filter), *looked_for(filter))).all():
        if row := rows.one(connection, id, created_at):
            found[partition].append(row)
    return found


def _forget(connection: Connection, partition: str, matching: Sequence[rows.Row]) -> None:
    keys = [{"created_at": row.created_at, "id": row.id} for row in matching]
    with triggers_disabled(connection, partition):
        connection.execute(text(FORGET.format(partition)), keys)


def _vacuum(connection: Connection, partitions: Found) -> None:
    """Let PostgreSQL overwrite what it keeps of rows as they were before."""
    connection.execution_options(isolation_level="AUTOCOMMIT")
    for partition in partitions:
        connection.execute(text(f"VACUUM {partition}"))


def _span(partition: str) -> tuple[datetime, datetime]:
    """Give the first instant of a partition's month, and that of the next."""
    year, month = int(partition[-6:-2]), int(partition[-2:])
    begins = datetime(year, month, 1, tzinfo=UTC)
    return begins, (begins + timedelta(days=31)).replace(day=1)
