"""A circuit breaker: after a failure of PostgreSQL, not every request waits for it in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock


class Breaker:
    """Opens after a failure; then only one caller may try every ``rest`` seconds, and the others go without.

    Parameters
    ----------
    on_change : callable
        Is called with whether the breaker is closed: after each failure, and after the first success that follows.
    """

    def __init__(self, rest: float, on_change: Callable[[bool], None] = lambda closed: None) -> None:
        self._rest = rest
        self._on_change = on_change
        self._lock = Lock()
        self._open_until: float | None = None
        self._opened_at = 0.0
        #: What is known of the last failure, in a sentence.
        self.reason: str | None = None

    @property
    def open_seconds(self) -> float:
        """How long ago the first of the tries was that failed since the last success; 0 if the last one succeeded."""
        return time.monotonic() - self._opened_at if self.is_open else 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last try failed."""
        return self._open_until is not None

    def lets_through(self) -> bool:
        """Return whether this caller may try."""
        if self._open_until is None:
            return True
        with self._lock:
            now = time.monotonic()
            if self._open_until is not None and now < self._open_until:
                return False
            self._open_until = now + self._rest
            return True

    def failed(self, reason: str | None = None) -> None:
        """Note that a try failed, and why if that is known."""
        self.reason = reason
        self._set(time.monotonic() + self._rest)

    def succeeded(self) -> None:
        """Note that a try succeeded."""
        if self._open_until is not None:
            self._set(None)

    def _set(self, open_until: float | None) -> None:
        with self._lock:
            if self._open_until is None:
                self._opened_at = time.monotonic()
            self._open_until = open_until
            self._on_change(open_until is None)
