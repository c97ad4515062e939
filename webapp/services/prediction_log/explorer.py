"""Finds records by what they hold, never for longer than someone waits for a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, func, select

from webapp.database.transactions import transaction
from webapp.errors import AuditUnavailable, PredictionLogUnavailable, SearchTooSlow, Unavailable
from webapp.helpers.pages.summary import models_with_numbers
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.part import Part
from webapp.helpers.records.row import from_columns
from webapp.helpers.uuid7 import time_of
from webapp.services.audit import Action, record_in
from webapp.services.prediction_log.conditions import KEY, TABLE, answer, indexed, looked_for, up_to
from webapp.services.prediction_log.windows import Deadline, OutOfTime, WindowedSearch
from webapp.types import Prediction

#: So many records that match are counted by value, out of so many that are looked at.
COUNTED = 10_000
LOOKED_AT = 100_000
DAYS = 30
#: What is counted by value: names of conditions and their columns.
FACETS = {
    "model": TABLE.c.model,
    "version": TABLE.c.version,
    "channel": TABLE.c.channel,
    "status": TABLE.c.status,
    "class": answer,
}
#: So many records of an export are read at once.
BATCH = 1_000


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How many seconds each thing may take, and how many rows an export may have."""

    searching: float = 2.0
    counting: float = 1.0
    by_day: float = 1.0
    #: Less than the minute for which proxies wait, because a search may find nothing for all that time.
    exporting: float = 50.0
    exported_rows: int = 100_000


@dataclass(frozen=True, kw_only=True)
class Found:
    """Records that match, in their order."""

    predictions: list[Prediction]
    #: The record after which the search goes on; None where nothing is left.
    cursor: UUID | None
    #: How far was looked when time was up before the page was full.
    looked_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How often each value occurs among the newest records that match."""

    values: dict[str, Counter[str]] = field(default_factory=dict)
    total: int = 0
    #: How many of the newest were looked at; None for all.
    out_of: int | None = None


class Explorer:
    """Searches, counts and exports the log."""

    def __init__(self, engine: Engine, patience: Patience | None = None) -> None:
        self._engine = engine
        self._patience = patience or Patience()

    def page(self, filter: Filter, cursor: UUID | None = None, limit: int = 50) -> Found:
        """Give the records after ``cursor``, up to ``limit``, or those that were found in time.

        Raises
        ------
        SearchTooSlow
            When not even the first few rows could be looked at.
        PredictionLogUnavailable
        """
        search = WindowedSearch(filter, reached=cursor)
        with transaction(self._engine, PredictionLogUnavailable) as connection:
            # One more than fits tells whether another page follows.
            rows = search.go(connection, Deadline(self._patience.searching), limit + 1)
        shown = [_prediction(row) for row in rows[:limit]]
        if len(rows) > limit:
            return Found(predictions=shown, cursor=shown[-1].id)
        if search.ended:
            return Found(predictions=shown, cursor=None)
        if search.reached is None or search.reached == cursor:
            raise SearchTooSlow
        return Found(predictions=shown, cursor=search.reached, looked_to=time_of(search.reached))

    def export(self, filter: Filter, cursor: UUID | None = None, *, actor: str | None, format: str) -> Iterator[Part]:
        """Write to the audit log that records are exported, then yield them in parts.

        No connection is kept from one part to the next.

        Raises
        ------
        AuditUnavailable
            Then nothing is exported.
        SearchTooSlow, PredictionLogUnavailable
            Before the first part; later the last part says that there should be more.
        """
        with transaction(self._engine, AuditUnavailable) as connection:
            record_in(connection, Action.EXPORTED, filter.model or "", actor, form=format)
        deadline, given = Deadline(self._patience.exporting), 0
        yield (part := self._part(filter, cursor, given, deadline))
        try:
            while part.cursor and not part.incomplete:
                given += len(part.predictions)
                yield (part := self._part(filter, part.cursor, given, deadline))
        except Unavailable:
            yield Part(predictions=[], cursor=part.cursor, incomplete=_cut("the database stopped answering"))

    def _part(self, filter: Filter, cursor: UUID | None, given: int, deadline: Deadline) -> Part:
        most = self._patience.exported_rows
        found = self.page(filter, cursor, min(BATCH, most - given))
        incomplete = None
        if found.cursor and given + len(found.predictions) >= most:
            incomplete = _cut(f"an export holds up to {most} predictions")
        elif found.cursor and deadline.left <= 0:
            incomplete = _cut(f"an export takes up to {self._patience.exporting:g} seconds")
        return Part(predictions=found.predictions, cursor=found.cursor, incomplete=incomplete)

    def counts(self, filter: Filter) -> Counts | None:
        """Count values among the newest records that match; None if that takes too long."""
        newest = replace(filter, oldest=False)
        deadline = Deadline(self._patience.counting)
        try:
            with transaction(self._engine, PredictionLogUnavailable) as connection:
                end = WindowedSearch(newest).end_of(connection, deadline, LOOKED_AT) if looked_for(newest) else None
                within = [up_to(newest, end)] if end else []
                rows = deadline.run(connection, _combinations(newest, within))
        except OutOfTime:
            return None
        total = sum(row.n for row in rows)
        return Counts(values=_by_value(rows), total=total, out_of=LOOKED_AT if end and total < COUNTED else None)

    def days(self, filter: Filter, today: date) -> list[tuple[date, int]]:
        """Count the records of each of the last days, the oldest first, as far back as there is time for."""
        last = min(today, filter.until or today)
        first = max(last - timedelta(days=DAYS - 1), filter.since or date.min)
        counted: list[tuple[date, int]] = []
        deadline = Deadline(self._patience.by_day)
        try:
            with transaction(self._engine, PredictionLogUnavailable) as connection:
                while last >= first:
                    one = replace(filter, since=last, until=last)
                    query = select(func.count()).select_from(TABLE).where(*indexed(one), *looked_for(one))
                    counted.append((last, deadline.run(connection, query)[0][0]))
                    last -= timedelta(days=1)
        except OutOfTime:
            pass
        return counted[::-1]


def _by_value(rows: Sequence[Row[Any]]) -> dict[str, Counter[str]]:
    """Add up how often each value occurs; numbers that are no classes are left out."""
    values: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    measured = models_with_numbers((row.model, row._mapping["class"]) for row in rows)
    for row in rows:
        for name, value in row._mapping.items():
            if name in FACETS and value is not None and not (name == "class" and row.model in measured):
                values[name][value] += row.n
    return values


def _combinations(filter: Filter, within: list[Any]) -> Any:
    newest = (
        select(*(column.label(name) for name, column in FACETS.items()))
        .select_from(TABLE)
        .where(*indexed(filter), *within, *looked_for(filter))
        .order_by(*(column.desc() for column in KEY))
        .limit(COUNTED)
        .subquery()
    )
    return select(*newest.c, func.count().label("n")).group_by(*newest.c)


def _cut(reason: str) -> str:
    return f"Incomplete: {reason}."


def _prediction(row: Row[Any]) -> Prediction:
    return from_columns(dict(row._mapping))
