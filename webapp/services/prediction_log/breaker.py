"""Remembers that PostgreSQL failed, so that not every request waits for it in turn."""

from __future__ import annotations

import time
from threading import Lock


class Breaker:
    """Open after a failure; then one caller may try again every ``rest`` seconds, the others do without."""

    def __init__(self, rest: float) -> None:
        self._rest = rest
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
        self._open_until = time.monotonic() + self._rest

    def succeeded(self) -> None:
        """Note that a try succeeded."""
        self._open_until = None
