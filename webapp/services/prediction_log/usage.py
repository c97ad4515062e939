"""How often each model was used lately, counted so that a page need not wait for a large log."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ARRAY, Engine, Text, cast, func, literal, select, true

from webapp.database.transactions import transaction
from webapp.errors import PredictionLogUnavailable
from webapp.services.prediction_log.conditions import TABLE
from webapp.services.prediction_log.windows import Deadline, OutOfTime

DAYS = 30
#: No more predictions of one model are counted than these; the page says that there are more.
MAX_COUNTED = 1_000
#: A count below this is cheap, so it is always made anew; a larger one is kept for some seconds.
ALWAYS_COUNTED, KEPT_SECONDS = 100, 60.0
#: Seconds that a page waits for counts at most.
COUNTING_SECONDS = 0.3


@dataclass(frozen=True, kw_only=True)
class Use:
    """How many predictions of a model there were in the last days."""

    count: int
    #: When it was counted, by the clock of this process.
    counted_at: float

    @property
    def is_more(self) -> bool:
        """Whether there were more than were counted."""
        return self.count > MAX_COUNTED

    def is_fresh(self) -> bool:
        """Return whether it need not be counted anew."""
        return self.count >= ALWAYS_COUNTED and time.monotonic() - self.counted_at < KEPT_SECONDS


class Usage:
    """Counts the predictions of models, by the index of the log on model and time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: Mapping[str, Use] = {}
        self._retry_at = 0.0

    def lately(self, models: Sequence[str]) -> Mapping[str, Use]:
        """Return how often each of these models was used in the last days; one that can't be counted in time lacks.

        Raises
        ------
        PredictionLogUnavailable
        """
        stale = [model for model in models if model not in self._known or not self._known[model].is_fresh()]
        if stale and time.monotonic() >= self._retry_at:
            # One assignment, so that other threads see all of it or nothing.
            self._known = {**self._known, **self._count(stale)}
        return {model: self._known[model] for model in models if model in self._known}

    def _count(self, models: Sequence[str]) -> dict[str, Use]:
        asked = func.unnest(cast(list(models), ARRAY(Text))).table_valued("name").render_derived("asked")
        some = (
            select(literal(1).label("one"))
            .where(TABLE.c.model == asked.c.name, TABLE.c.created_at >= datetime.now(UTC) - timedelta(days=DAYS))
            .limit(MAX_COUNTED + 1)
            .lateral("some")
        )
        query = select(asked.c.name, func.count(some.c.one).label("n")).join_from(asked, some, true(), isouter=True)
        now = time.monotonic()
        try:
            with transaction(self._engine, PredictionLogUnavailable) as connection:
                rows = Deadline(COUNTING_SECONDS).run(connection, query.group_by(asked.c.name))
        except OutOfTime:
            # The next pages do without, instead of waiting as long.
            self._retry_at = now + KEPT_SECONDS
            return {}
        return {row.name: Use(count=row.n, counted_at=now) for row in rows}
