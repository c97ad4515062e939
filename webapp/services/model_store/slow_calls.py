"""The bound on the threads that slow calls of estimators hold: a model that hangs must leave threads for all others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident

#: Seconds after which a call of an estimator is slow.
SLOW_CALL_SECONDS = 1.0
#: Threads that no request may take to wait for a slow call.
FREE_THREADS = 2


class SlowCalls:
    """The calls of estimators that run in this process, and the requests that wait for slow ones.

    Only these requests are bounded: quick models may have all threads, so that their requests come together.
    """

    def __init__(self, threads: int) -> None:
        #: How many threads may be in slow calls of one model, or wait for them.
        self.max_by_model = max(1, threads // 2)
        self._max = max(1, threads - FREE_THREADS)
        self._lock = Lock()
        #: The model and the beginning of each call, by its thread.
        self._calls: dict[int, tuple[object, float]] = {}
        self._waiting = 0

    @contextmanager
    def calling(self, model: object) -> Iterator[None]:
        """Note that this thread calls the estimator of a model inside the block."""
        thread = get_ident()
        with self._lock:
            self._calls[thread] = model, time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._calls[thread]

    def has_slow(self, model: object) -> bool:
        """Return whether a call of this model is slow."""
        with self._lock:
            return any(called is model and _is_slow(since) for called, since in self._calls.values())

    def begin_waiting(self) -> bool:
        """Count one more request that waits for a slow call, unless too few threads would be left."""
        with self._lock:
            slow = sum(_is_slow(since) for _, since in self._calls.values())
            if slow + self._waiting >= self._max:
                return False
            self._waiting += 1
            return True

    def end_waiting(self) -> None:
        """Count one less."""
        with self._lock:
            self._waiting -= 1


def _is_slow(since: float) -> bool:
    return time.monotonic() >= since + SLOW_CALL_SECONDS
