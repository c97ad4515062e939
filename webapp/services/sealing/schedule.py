"""Seals the log again and again, in the background."""

from __future__ import annotations

import logging
from datetime import timedelta

from webapp.errors import ScoredeskError, SealingBusy
from webapp.services.background import BackgroundThread
from webapp.services.sealing.sealer import Sealer

logger = logging.getLogger(__name__)

#: At least so often it is looked whether it is time.
LOOK_SECONDS = 30.0


class PeriodicSealer:
    """A thread that seals when nobody has for ``every`` seconds; each worker has one, and one of them does it."""

    def __init__(self, sealer: Sealer, every: int) -> None:
        self._sealer = sealer
        self._every = every
        self._pause = min(every, LOOK_SECONDS)
        self._thread = BackgroundThread("sealer", self._look, rest=self._pause)

    def start(self) -> None:
        """Begin, unless it is never to be done; call it after a fork, never before one."""
        if self._every:
            self._thread.start()

    def stop(self) -> None:
        """End the thread; a seal that is being made is made whole or not at all."""
        self._thread.stop()

    def _look(self) -> float:
        try:
            sealed = self._sealer.seal_if_due(timedelta(seconds=self._every))
        except SealingBusy:
            pass
        except ScoredeskError as error:
            logger.error("The log could not be sealed: %s", type(error).__name__)
        except Exception as error:
            # Whatever it is, predictions go on, and the next round may fare better.
            logger.error("Sealing failed with %s", type(error).__name__)
        else:
            if sealed and sealed.unproven:
                logger.error("%d rows were sealed that the service did not record as they are", sealed.unproven)
        return self._pause
