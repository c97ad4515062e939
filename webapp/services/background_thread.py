"""Background threads: work that each worker repeats beside its requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

#: Seconds that stopping waits for the turn that is running.
JOIN_SECONDS = 5.0

#: Is called with the name of a thread that has completed a round.
OnRound = Callable[[str], None]


def ignore(_name: str) -> None:
    """Do nothing after a round."""


class BackgroundPart(Protocol):
    """A part of the service that a worker starts after its fork and stops before it ends."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class BackgroundThread:
    """Calls ``turn`` in a thread until it is stopped, and after each turn rests for the seconds that it returned.

    Parameters
    ----------
    name : str
        The thread's name.
    turn : callable
        Does the work and returns how many seconds to rest. It must not raise and should return within seconds.
    rest : float
        Seconds to rest before the first turn.
    on_round : callable
        Is called with the name when the thread starts, and after each turn.
    """

    def __init__(self, name: str, turn: Callable[[], float], rest: float = 0.0, on_round: OnRound = ignore) -> None:
        self._name = name
        self._turn = turn
        self._rest = rest
        self._on_round = on_round
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether the thread was started and not stopped since."""
        return self._thread is not None

    def start(self) -> None:
        """Start the thread; call this after a fork, never before one."""
        self._stopping.clear()
        self._on_round(self._name)
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait until it has ended."""
        self._stopping.set()
        if self._thread:
            self._thread.join(timeout=JOIN_SECONDS)
            self._thread = None

    def _run(self) -> None:
        rest = self._rest
        while not self._stopping.wait(rest):
            rest = self._turn()
            self._on_round(self._name)
