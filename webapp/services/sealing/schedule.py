"""Seals the log periodically, in the background."""

from __future__ import annotations

import logging
from datetime import timedelta

from webapp.errors import ScoredeskError, SealingBusy
from webapp.services.background_thread import BackgroundThread, OnRound, ignore
from webapp.services.sealing.sealer import Sealer

logger = logging.getLogger(__name__)

#: Longest time in seconds between two checks whether a seal is due.
MAX_POLL_SECONDS = 30.0


class PeriodicSealer:
    """A thread that seals when the last seal is ``every`` seconds old; every worker has one, and one of them seals."""

    def __init__(self, sealer: Sealer, every: int, on_round: OnRound = ignore) -> None:
        self._sealer = sealer
        self._every = every
        self._pause = min(every, MAX_POLL_SECONDS)
        self._thread = BackgroundThread("sealer", self._look, rest=self._pause, on_round=on_round)

    def start(self) -> None:
        """Start the thread, unless ``every`` is 0; call this after a fork, never before one."""
        if self._every:
            self._thread.start()

    def stop(self) -> None:
        """Stop the thread; a seal in progress is completed or not made at all."""
        self._thread.stop()

    def _look(self) -> float:
        try:
            sealed = self._sealer.seal_if_due(timedelta(seconds=self._every))
        except SealingBusy:
            pass
        except ScoredeskError as error:
            logger.error("The log could not be sealed: %s", type(error).__name__)
        except Exception as error:
            # Whatever it is, predictions continue, and the next attempt may succeed.
            logger.error("Sealing failed with %s", type(error).__name__)
        else:
            if sealed and sealed.unproven:
                logger.error("%d sealed rows were inserted or changed outside the service", sealed.unproven)
        return self._pause
