"""Remembers that PostgreSQL failed, so that not every request waits for it in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Breaker:
    """Open after a failure; then one caller may try again every ``rest`` seconds, the others do without.

    Parameters
    ----------
    tell : callable
        Is told whether it is closed: after each failure, and after the first success that follows.
    """

    def __init__(self, rest: float, tell: Callable[[bool], None] = lambda closed: None) -> None:
        self._rest = rest
        self._tell = tell
        self._lock = Lock()
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last try failed."""
        return self._open_until is not None

    def lets_through(self) -> bool:
        """Tell whether this caller may try."""
        if self._open_until is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._open_until is not None and now < self._open_until:
                return False
            self._open_until = now + self._rest
            return True

    def failed(self) -> None:
        """Note that a try failed."""
        self._turn(time.monotonic() + self._rest)

    def succeeded(self) -> None:
        """Note that a try succeeded."""
        if self._open_until is not None:
            self._turn(None)

    def _turn(self, open_until: float | None) -> None:
        with self._lock:
            self._open_until = open_until
            self._tell(open_until is None)
