"""Reads files on threads of their own, and gives up on a place that stops to answer, such as a network folder.

Linux may let a thread wait for such a folder for ever. Then one thread waits, not the one that asked, and nobody
asks again before that one thread has an answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from webapp.errors import NotServableYet

Result = TypeVar("Result")

#: Seconds without any progress after which a place counts as silent.
SILENCE_SECONDS = 10.0


class Silent(NotServableYet):
    """The models folder does not answer."""

    def __init__(self, place: Path) -> None:
        self.place = place
        super().__init__()


class _Abandoned(Exception):
    """Nobody waits for this task any longer."""


class Progress:
    """How far a task has come; the task calls it after each step, with the place of the next one if that is another."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.at = time.monotonic()
        self.is_abandoned = False

    def __call__(self, place: Path | None = None) -> None:
        if self.is_abandoned:
            raise _Abandoned
        self.place = place or self.place
        self.at = time.monotonic()


Task = Callable[[Progress], Result]


class TimeLimit:
    """Runs tasks that read files, each on a thread of its own, and remembers which places are silent.

    Parameters
    ----------
    seconds : float, optional
        Seconds that a step may take, instead of SILENCE_SECONDS.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._stuck: dict[Path, threading.Thread] = {}

    @property
    def silent(self) -> frozenset[Path]:
        """The places that do not answer."""
        return frozenset(place for place, thread in self._stuck.copy().items() if thread.is_alive())

    def run(self, place: Path, task: Task[Result]) -> Result:
        """Return what a task returns, which begins to read at this place.

        Raises
        ------
        Silent
            When it makes no progress for a while, or at once, when its place is known to be silent.
        Exception
            Whatever the task raises.
        """
        if place in self.silent:
            raise Silent(place)
        progress, outcome = Progress(place), Future[Result]()
        thread = threading.Thread(target=_run, args=(task, progress, outcome), name="models-folder", daemon=True)
        thread.start()
        while not outcome.done():
            seconds = progress.at + (self._seconds or SILENCE_SECONDS) - time.monotonic()
            if seconds <= 0:
                progress.is_abandoned = True
                self._stuck[progress.place] = thread
                raise Silent(progress.place)
            _wait(outcome, seconds)
        return outcome.result()


def _run(task: Task[Any], progress: Progress, outcome: Future[Any]) -> None:
    try:
        outcome.set_result(task(progress))
    except BaseException as error:
        outcome.set_exception(error)


def _wait(outcome: Future[Any], seconds: float) -> None:
    # It is raised when there is no outcome yet; the error of a task is returned here.
    with suppress(TimeoutError):
        outcome.exception(timeout=seconds)
