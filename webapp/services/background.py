"""What runs beside the requests of a worker, again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

#: A turn that takes longer than this is not waited for when the thread is to end.
JOIN_SECONDS = 5.0


class BackgroundPart(Protocol):
    """What a worker starts after its fork and stops before its end."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class BackgroundThread:
    """A thread that calls ``turn`` until it is stopped, and rests for as many seconds as that gives back.

    Parameters
    ----------
    name : str
        What the thread is called.
    turn : callable
        It must not raise, and should give back within a few seconds.
    rest : float
        How many seconds to rest before the first turn.
    """

    def __init__(self, name: str, turn: Callable[[], float], rest: float = 0.0) -> None:
        self._name = name
        self._turn = turn
        self._rest = rest
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._thread is not None

    def start(self) -> None:
        """Begin; call it after a fork, never before one."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait until it has ended."""
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=JOIN_SECONDS)
            self._thread = None

    def _run(self) -> None:
        rest = self._rest
        while not self._stopping.wait(rest):
            rest = self._turn()
