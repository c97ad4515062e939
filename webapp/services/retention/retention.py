"""Forgets the inputs of a person, and drops whole months that are old enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, literal_column, select, text

from webapp.database.transactions import write
from webapp.errors import RowsCameLate
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.redaction import Redaction
from webapp.helpers.sealing import Head
from webapp.services.audit import Action, record_in
from webapp.services.prediction_log.conditions import TABLE, indexed, unindexed
from webapp.services.retention.table_owner import as_table_owner, triggers_disabled
from webapp.services.sealing import Sealer, deletions, stored_rows

#: Maximum number of rows in one event that proves that they were forgotten on purpose.
MAX_EVENT_ROWS = 1_000
PARTITION = literal_column("predictions.tableoid::regclass::text", TABLE.c.model.type)
PARTITIONS = text("""
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'predictions'::regclass AND c.relname ~ '^predictions_[0-9]{6}$' ORDER BY 1""")
FORGET = "UPDATE {} SET inputs = NULL, warnings = '[]', salt = NULL WHERE created_at = :created_at AND id = :id"
COUNT = "SELECT count(*) AS rows, coalesce(max(number), :sealed) <= :sealed AS are_sealed FROM {}"

RowsByPartition = dict[str, list[stored_rows.Row]]


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """A month that was dropped."""

    partition: str
    rows: int


class Retention:
    """Deletes from the log, and seals it before each deletion and after, so that both states are on record."""

    def __init__(self, sealer: Sealer, redaction: Redaction) -> None:
        self._sealer = sealer
        self._redaction = redaction

    def forget(self, model: str, inputs: Sequence[tuple[str, str]], actor: str) -> int:
        """Delete the inputs and warnings of all predictions with these inputs; return the number of predictions.

        Raises
        ------
        SealDamaged, NotTableOwner, TablesBusy, SealingBusy, StillWriting, SealsUnavailable
        """
        with self._sealer.sealing_lock() as connection:
            self._sealer.seal_on(connection)
            with as_table_owner(connection):
                # An input that is kept only as a pseudonym is found by its value too.
                filter = self._redaction.with_pseudonyms(Filter(model=model, inputs=tuple(inputs)))
                matching = _matching(connection, filter, self._sealer.newest(connection))
                for partition, partition_rows in matching.items():
                    _forget(connection, partition, partition_rows)
                names = sorted({name for name, _ in inputs})
                self._record_forgotten(connection, model, names, matching, actor)
            self._sealer.seal_on(connection)
            _vacuum(connection, matching)
        return sum(map(len, matching.values()))

    def prune(self, before: datetime, actor: str) -> list[Dropped]:
        """Drop all months that ended before an instant.

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

    def _record_forgotten(
        self, connection: Connection, model: str, names: list[str], matching: RowsByPartition, actor: str
    ) -> None:
        forgotten = [row for partition_rows in matching.values() for row in partition_rows]
        for start in range(0, len(forgotten), MAX_EVENT_ROWS):
            chunk = forgotten[start : start + MAX_EVENT_ROWS]
            digests = {str(row.id): row.payload_digest.hex() for row in chunk}
            # The values that were searched for are left out, because they are what is forgotten.
            details = {"inputs": ", ".join(names), "predictions": len(chunk)}
            self._record(connection, Action.FORGOT, model, actor, details, {"rows": digests})

    def _drop(self, connection: Connection, name: str, actor: str) -> Dropped:
        last = self._sealer.newest(connection)
        sealed = last.predictions.up_to if last else 0
        # No process can add a row between the count and the end.
        connection.execute(text(f"LOCK TABLE {name} IN EXCLUSIVE MODE"))
        counted = connection.execute(text(COUNT.format(name)), {"sealed": sealed}).one()
        if not counted.are_sealed:
            raise RowsCameLate
        connection.execute(text(f"ALTER TABLE predictions DETACH PARTITION {name}"))
        connection.execute(text(f"DROP TABLE {name}"))
        begins, ends = (instant.isoformat() for instant in _span(name))
        evidence = {"from": begins, "to": ends, "seal": last.number if last else 0}
        self._record(connection, Action.PRUNED, name, actor, {"predictions": counted.rows}, evidence)
        return Dropped(partition=name, rows=counted.rows)

    def _record(
        self,
        connection: Connection,
        action: Action,
        subject: str,
        actor: str,
        details: dict[str, object],
        evidence: dict[str, object],
    ) -> None:
        signed = deletions.signed_details(self._sealer.key, action, subject, details, evidence)
        record_in(connection, action, subject, actor, **signed)


def _matching(connection: Connection, filter: Filter, last: Head | None) -> RowsByPartition:
    """Return the rows that are sealed and not forgotten yet, by their partition."""
    is_sealed = TABLE.c.number <= (last.predictions.up_to if last else 0)
    query = select(PARTITION, TABLE.c.id, TABLE.c.created_at).where(is_sealed)
    matching: RowsByPartition = defaultdict(list)
    for partition, id, created_at in connection.execute(query.where(*indexed(filter), *unindexed(filter))).all():
        if row := stored_rows.one(connection, id, created_at):
            matching[partition].append(row)
    return matching


def _forget(connection: Connection, partition: str, partition_rows: Sequence[stored_rows.Row]) -> None:
    keys = [{"created_at": row.created_at, "id": row.id} for row in partition_rows]
    with triggers_disabled(connection, partition):
        write(connection, text(FORGET.format(partition)), keys, rows=len(keys))


def _vacuum(connection: Connection, partitions: RowsByPartition) -> None:
    """Make PostgreSQL remove the old versions of rows, which it keeps until a VACUUM."""
    connection.execution_options(isolation_level="AUTOCOMMIT")
    for partition in partitions:
        connection.execute(text(f"VACUUM {partition}"))


def _span(partition: str) -> tuple[datetime, datetime]:
    """Return the first instant of a partition's month, and that of the next month."""
    year, month = int(partition[-6:-2]), int(partition[-2:])
    begins = datetime(year, month, 1, tzinfo=UTC)
    return begins, (begins + timedelta(days=31)).replace(day=1)
