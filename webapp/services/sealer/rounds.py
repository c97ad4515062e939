"""Seals the log again and again, in the background."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from webapp.errors import ScoredeskError, SealingBusy
from webapp.services.sealer.sealer import Sealer

logger = logging.getLogger(__name__)

#: At least so often it is looked whether it is time.
LOOK_SECONDS = 30.0


class Rounds:
    """A thread that seals when nobody has for ``every`` seconds; each worker has one, and one of them does it."""

    def __init__(self, sealer: Sealer, every: int) -> None:
        self._sealer = sealer
        self._every = every
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin, unless it is never to be done; call it after a fork, never before one."""
        if not self._every:
            return
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="sealer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a seal that is being made is made whole or not at all."""
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=5)
            self._thread = None

    def _run(self) -> None:
        while not self._stopping.wait(min(self._every, LOOK_SECONDS)):
            self._look()

    def _look(self) -> None:
        try:
            sealed = self._sealer.seal_if_due(timedelta(seconds=self._every))
        except SealingBusy:
            return
        except ScoredeskError as error:
            logger.error("The log could not be sealed: %s", type(error).__name__)
        except Exception as error:
            # Whatever it is, predictions go on, and the next round may fare better.
            logger.error("Sealing failed with %s", type(error).__name__)
        else:
            if sealed and sealed.unproven:
                logger.error("%d rows were sealed that the service did not record as they are", sealed.unproven)
