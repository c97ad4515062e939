"""Looks from time to time whether somebody else's triggers, rules or policies act on the tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Engine

from webapp.database import catalog
from webapp.database.transactions import transaction
from webapp.errors import PredictionLogUnavailable

#: Seconds after which PostgreSQL's catalogs are read again.
CHECK_INTERVAL_SECONDS = 60.0
#: A probe is open to strangers, so it names neither tables nor triggers.
REASON = (
    "The tables differ from what the migrations made, so records may be discarded or changed. "
    "To see how: flask --app wsgi doctor"
)


class CatalogCheck:
    """Remembers what was found last, so that a probe costs nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next_check = 0.0
        self._reasons: Sequence[str] = ()

    def reasons(self) -> Sequence[str]:
        """Return why records are at risk; what was found last, while PostgreSQL is out of reach."""
        if time.monotonic() >= self._next_check:
            self._next_check = time.monotonic() + CHECK_INTERVAL_SECONDS
            with suppress(PredictionLogUnavailable), transaction(self._engine, PredictionLogUnavailable) as connection:
                self._reasons = (REASON,) if any(catalog.problems(connection)) else ()
        return self._reasons
