"""Finds records by their contents, within the time that a person waits for a page."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, func, select

from webapp.database.transactions import transaction
from webapp.errors import AuditUnavailable, PredictionLogUnavailable, PredictionNotFound, SearchTooSlow, Unavailable
from webapp.helpers.pages.summary import models_with_numbers
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.part import Part
from webapp.helpers.records.row import from_columns
from webapp.helpers.uuid7 import time_of
from webapp.services.audit import Action, record_in
from webapp.services.prediction_log.conditions import KEY, TABLE, answer, indexed, selective, unindexed, up_to
from webapp.services.prediction_log.windows import Deadline, OutOfTime, WindowedSearch
from webapp.types import Prediction, Status

#: Maximum number of matching records that are counted by value, and of records that are searched for them.
MAX_COUNTED_RECORDS = 10_000
MAX_SEARCHED_RECORDS = 100_000
#: Up to how many records that were not answered are counted.
MAX_COUNTED_UNANSWERED = 1_000
#: How many days are counted.
CHART_DAYS = 30
#: The conditions whose values are counted, with their columns.
FACETS = {
    "model": TABLE.c.model,
    "version": TABLE.c.version,
    "channel": TABLE.c.channel,
    "actor": TABLE.c.actor,
    "status": TABLE.c.status,
    "class": answer,
}
#: How many records of an export are read at once.
EXPORT_PART_RECORDS = 1_000


@dataclass(frozen=True, kw_only=True)
class ExplorerLimits:
    """The seconds that each task may take, and the maximum number of rows of an export."""

    searching: float = 2.0
    counting: float = 1.0
    unanswered: float = 0.3
    by_day: float = 1.0
    #: Less than the minute that proxies wait, because a search may find nothing during all that time.
    exporting: float = 50.0
    exported_rows: int = 100_000


@dataclass(frozen=True, kw_only=True)
class RecordsPage:
    """One page of matching records, in their order."""

    predictions: list[Prediction]
    #: The record after which the search continues; None if there are no further records.
    cursor: UUID | None
    #: How far the search got if time ran out before the page was full.
    looked_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How often each value occurs among the newest matching records."""

    values: dict[str, Counter[str]] = field(default_factory=dict)
    #: The same of the answers of each regression model.
    numbers: dict[str, Counter[float]] = field(default_factory=dict)
    total: int = 0
    #: How many of the newest records were searched; None for all.
    out_of: int | None = None


class Explorer:
    """Searches, counts and exports the log.

    Parameters
    ----------
    look_up : callable
        Raises PredictionNotHere for the id of a record that another host keeps.
    """

    def __init__(
        self,
        engine: Engine,
        limits: ExplorerLimits | None = None,
        look_up: Callable[[UUID], object] = lambda id: None,
    ) -> None:
        self._engine = engine
        self._look_up = look_up
        self._limits = limits or ExplorerLimits()

    def page(self, filter: Filter, cursor: UUID | None = None, limit: int = 50) -> RecordsPage:
        """Return up to ``limit`` records after ``cursor``, or those that were found in time.

        Raises
        ------
        SearchTooSlow
            When not even the first few rows could be searched in time.
        PredictionNotHere
            When the filter names a record that another host keeps.
        PredictionLogUnavailable
        """
        search = WindowedSearch(filter, reached=cursor)
        with transaction(self._engine, PredictionLogUnavailable) as connection:
            # One row more than fits shows whether another page follows.
            rows = search.next_rows(connection, Deadline(self._limits.searching), limit + 1)
        if not rows and isinstance(filter.id, UUID):
            with suppress(PredictionNotFound):
                self._look_up(filter.id)
        predictions = [from_columns(dict(row._mapping)) for row in rows[:limit]]
        if len(rows) > limit:
            return RecordsPage(predictions=predictions, cursor=predictions[-1].id)
        if search.ended:
            return RecordsPage(predictions=predictions, cursor=None)
        if search.reached is None or search.reached == cursor:
            raise SearchTooSlow
        return RecordsPage(predictions=predictions, cursor=search.reached, looked_to=time_of(search.reached))

    def export(self, filter: Filter, cursor: UUID | None = None, *, actor: str | None, format: str) -> Iterator[Part]:
        """Write the export to the audit log, then yield the records in parts.

        No connection is kept from one part to the next.

        Raises
        ------
        AuditUnavailable
            Nothing is exported then.
        SearchTooSlow, PredictionLogUnavailable
            Only before the first part; later, the last part says that the export is incomplete.
        """
        with transaction(self._engine, AuditUnavailable) as connection:
            record_in(connection, Action.EXPORTED, filter.model or "", actor, form=format)
        deadline, count = Deadline(self._limits.exporting), 0
        yield (part := self._part(filter, cursor, count, deadline))
        try:
            while part.cursor and not part.incomplete:
                count += len(part.predictions)
                yield (part := self._part(filter, part.cursor, count, deadline))
        except Unavailable:
            yield Part(predictions=[], cursor=part.cursor, incomplete=_incomplete("the database stopped answering"))

    def _part(self, filter: Filter, cursor: UUID | None, count: int, deadline: Deadline) -> Part:
        limit = self._limits.exported_rows
        page = self.page(filter, cursor, min(EXPORT_PART_RECORDS, limit - count))
        incomplete = None
        if page.cursor and count + len(page.predictions) >= limit:
            incomplete = _incomplete(f"an export holds up to {limit} predictions")
        elif page.cursor and deadline.left <= 0:
            incomplete = _incomplete(f"an export takes up to {self._limits.exporting:g} seconds")
        return Part(predictions=page.predictions, cursor=page.cursor, incomplete=incomplete)

    def counts(self, filter: Filter, regressions: Collection[str] = ()) -> Counts | None:
        """Count values among the newest matching records; return None if that takes too long.

        Parameters
        ----------
        regressions : collection of str
            Models that are known to predict numbers. Others do too if one of their answers has a fraction.
        """
        newest = replace(filter, oldest=False)
        deadline = Deadline(self._limits.counting)
        try:
            with transaction(self._engine, PredictionLogUnavailable) as connection:
                end = None
                if selective(newest):
                    end = WindowedSearch(newest).end_of(connection, deadline, MAX_SEARCHED_RECORDS)
                within = [up_to(newest, end)] if end else []
                rows = deadline.run(connection, _combinations(newest, within))
        except OutOfTime:
            return None
        total = sum(row.n for row in rows)
        known = {*regressions, *models_with_numbers((row.model, row._mapping["class"]) for row in rows)}
        return Counts(
            values=_by_value(rows, known),
            numbers=_numbers(rows, known),
            total=total,
            out_of=MAX_SEARCHED_RECORDS if end and total < MAX_COUNTED_RECORDS else None,
        )

    def days(self, filter: Filter, today: date) -> list[tuple[date, int]]:
        """Count the records of each of the last days, the oldest first, as far back as time allows."""
        last = min(today, filter.until or today)
        first = max(last - timedelta(days=CHART_DAYS - 1), filter.since or date.min)
        counts: list[tuple[date, int]] = []
        deadline = Deadline(self._limits.by_day)
        try:
            with transaction(self._engine, PredictionLogUnavailable) as connection:
                while last >= first:
                    day = replace(filter, since=last, until=last)
                    counts.append((last, deadline.run(connection, _count(day))[0][0]))
                    last -= timedelta(days=1)
        except OutOfTime:
            pass
        return counts[::-1]

    def unanswered(self, filter: Filter) -> Counter[str] | None:
        """Count the matching records that were not answered, by status; return None if that takes too long.

        An index finds them, and no more than ``MAX_COUNTED_UNANSWERED`` are counted.
        """
        rest = replace(filter, status=None)
        statuses: Counter[str] = Counter()
        deadline = Deadline(self._limits.unanswered)
        try:
            with transaction(self._engine, PredictionLogUnavailable) as connection:
                for status in (Status.REJECTED, Status.FAILED):
                    one = replace(rest, status=status)
                    some = select(TABLE.c.id).where(*indexed(one), *unindexed(one)).limit(MAX_COUNTED_UNANSWERED)
                    statuses[status] = deadline.run(connection, select(func.count()).select_from(some.subquery()))[0][0]
        except OutOfTime:
            return None
        return +statuses


def _count(filter: Filter) -> Any:
    """Return the statement that counts the matching records.

    An index without rows counts all and those without an answer, but not those with one, so these are the difference.
    """
    everything, failed, rejected = (replace(filter, status=each) for each in (None, Status.FAILED, Status.REJECTED))
    if filter.status != Status.ANSWERED or unindexed(everything):
        return select(_number_of(filter))
    return select(_number_of(everything) - _number_of(failed) - _number_of(rejected))


def _number_of(filter: Filter) -> Any:
    return select(func.count()).select_from(TABLE).where(*indexed(filter), *unindexed(filter)).scalar_subquery()


def _numbers(rows: Sequence[Row[Any]], regressions: Collection[str]) -> dict[str, Counter[float]]:
    """Add up how often each number occurs among the answers of each regression model."""
    numbers: dict[str, Counter[float]] = {}
    for row in rows:
        if row.model in regressions and (number := _as_number(row._mapping["class"])) is not None:
            numbers.setdefault(row.model, Counter())[number] += row.n
    return numbers


def _as_number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        # The answers of several outputs are a list.
        return None
    return number if math.isfinite(number) else None


def _by_value(rows: Sequence[Row[Any]], regressions: Collection[str]) -> dict[str, Counter[str]]:
    """Add up how often each value occurs; the answers of regression models are left out."""
    values: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for row in rows:
        for name, value in row._mapping.items():
            if name in FACETS and value is not None and not (name == "class" and row.model in regressions):
                values[name][value] += row.n
    return values


def _combinations(filter: Filter, within: list[Any]) -> Any:
    newest = (
        select(*(column.label(name) for name, column in FACETS.items()))
        .select_from(TABLE)
        .where(*indexed(filter), *within, *unindexed(filter))
        .order_by(*(column.desc() for column in KEY))
        .limit(MAX_COUNTED_RECORDS)
        .subquery()
    )
    return select(*newest.c, func.count().label("n")).group_by(*newest.c)


def _incomplete(reason: str) -> str:
    return f"Incomplete: {reason}."
