"""Says whether a host should be asked for predictions, and what is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from webapp.cell.lock import Protection
from webapp.errors import PredictionLogUnavailable, SpoolUnavailable
from webapp.services.catalog_check import CatalogCheck
from webapp.services.model_store import ModelStore
from webapp.services.prediction_log import PredictionLog
from webapp.services.prometheus import Scrape
from webapp.services.spool import Spool, SpoolStatus

#: Seconds that a record may wait on disk, longer than the replayer takes after PostgreSQL was restarted.
MAX_WAITING_SECONDS = 60.0
#: Seconds that a round of the parts below may take; the watcher may try a large file in it.
MAX_ROUND_SECONDS = 300.0
#: The background parts without which answers grow old or stay on disk.
ESSENTIAL = ("watcher", "replayer")


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """What a load balancer and its operator want to know."""

    #: Where predictions are recorded; None if they can't be.
    recording: Literal["database", "spool"] | None
    #: What is wrong, in sentences, although predictions are made and recorded.
    reasons: list[str]
    #: Whether that has lasted for too long.
    is_overdue: bool
    spool: SpoolStatus | None
    #: Whether the models folder has answered since the start.
    has_models: bool

    @property
    def is_ready(self) -> bool:
        """Whether the host should be asked for predictions."""
        return self.recording is not None and self.has_models and not self.is_overdue


class ReadinessProbe:
    """Looks at what a worker can do, and at what the background parts of all workers did.

    Parameters
    ----------
    patience : float
        After how many seconds in which something is wrong the host is not ready. 0: never.
    """

    def __init__(
        self,
        *,
        log: PredictionLog,
        spool: Spool,
        store: ModelStore,
        scrape: Scrape,
        catalog: CatalogCheck,
        protection: Protection,
        patience: float,
    ) -> None:
        self._log = log
        self._spool = spool
        self._store = store
        self._scrape = scrape
        self._catalog = catalog
        self._protection = protection
        self._patience = patience
        self._folder_problem_at: float | None = None

    def check(self) -> Readiness:
        """Try to record something, and look for what is wrong."""
        try:
            self._log.check()
            recording: Literal["database", "spool"] | None = "database" if self._log.in_database else "spool"
        except PredictionLogUnavailable:
            recording = None
        try:
            spool = self._spool.status()
        except SpoolUnavailable:
            spool = None
        # Whether the folder was found is known once the store was asked.
        self._store.served()
        reasons = dict(self._reasons(recording, spool))
        is_overdue = 0 < self._patience < max(reasons.values(), default=0.0)
        return Readiness(
            recording=recording,
            reasons=list(reasons),
            is_overdue=is_overdue,
            spool=spool,
            has_models=self._store.was_found,
        )

    def _reasons(self, recording: str | None, spool: SpoolStatus | None) -> Iterator[tuple[str, float]]:
        """Yield what is wrong, and for how many seconds it has been."""
        waited = seconds_waited(spool) if spool else 0.0
        if recording == "spool":
            yield (
                "PostgreSQL stores no predictions. They wait on this machine's disk.",
                max(waited, self._log.seconds_without_database),
            )
        elif waited > MAX_WAITING_SECONDS:
            yield "Predictions that wait on this machine's disk are not moved to PostgreSQL.", waited
        if recording == "database":
            # Otherwise the probe would wait for PostgreSQL a second time.
            yield from ((reason, 0.0) for reason in self._catalog.reasons())
        if self._protection.sentence:
            yield self._protection.sentence, 0.0
        if spool is None:
            yield "The spool can't be read, so no prediction could be recorded without PostgreSQL.", 0.0
        if self._store.folder_problem:
            self._folder_problem_at = self._folder_problem_at or time.monotonic()
            # Anybody may read this, so the file is not named.
            yield "The models folder, or a file in it, does not answer.", time.monotonic() - self._folder_problem_at
        else:
            self._folder_problem_at = None
        for part, age in self._scrape.ages().items():
            if part in ESSENTIAL and age > MAX_ROUND_SECONDS:
                yield f"The {part} has not completed a round for {age:.0f} seconds.", age


def seconds_waited(spool: SpoolStatus) -> float:
    """Return how long the oldest record of the spool has waited."""
    # The clock may have been set back since.
    return max(0.0, (datetime.now(UTC) - spool.oldest).total_seconds()) if spool.oldest else 0.0
