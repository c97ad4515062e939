"""Callers that send one request after the other over connections of their own, and note how long each took."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import TracebackType

#: How long a caller waits after a refusal.
PAUSE_SECONDS = 1.0


@dataclass(eq=False)
class Caller(threading.Thread):
    """Sends a request again and again: one each ``interval`` seconds, or the next as soon as one is answered."""

    port: int
    path: str
    body: object = None
    interval: float = 0.0
    timeout: float = 30.0
    #: Seconds from the time at which a request was due to the end of its answer.
    times: list[float] = field(default_factory=list)
    failures: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._stopped = threading.Event()
        self._waiting_since: float | None = None
        self._data = None if self.body is None else json.dumps(self.body)

    def __enter__(self) -> Caller:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop after the request that is being answered, which counts with what it took until now."""
        self._stopped.set()
        if since := self._waiting_since:
            self._note(time.monotonic() - since)

    def run(self) -> None:
        connection = None
        due = time.monotonic()
        while not self._stopped.is_set():
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            self._waiting_since = due
            is_answered = self._send(connection)
            if self._stopped.is_set():
                return
            self._waiting_since = None
            self._note(time.monotonic() - due)
            if not is_answered:
                self.failures += 1
                connection.close()
                connection = None
            due = max(due + self.interval, time.monotonic() + (0 if is_answered else PAUSE_SECONDS))
            self._stopped.wait(due - time.monotonic())

    def _send(self, connection: http.client.HTTPConnection) -> bool:
        headers = {"Content-Type": "application/json"}
        try:
            connection.request("POST" if self._data else "GET", self.path, self._data, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status == 200
        except (OSError, http.client.HTTPException):
            return False

    def _note(self, took: float) -> None:
        """Note a request, and those that would have been sent meanwhile if the caller had not had to wait."""
        while took > 0:
            self.times.append(took)
            took -= self.interval or took


@contextmanager
def calling(callers: Sequence[Caller]) -> Iterator[None]:
    """Send the requests of these callers until the block ends."""
    with ExitStack() as stack:
        for each in callers:
            stack.enter_context(each)
        yield


def percentile(callers: Sequence[Caller], share: float) -> float:
    """Return the time, in milliseconds, within which this share of all requests was answered."""
    times = sorted(each for caller in callers for each in caller.times)
    return 1000 * times[min(len(times) - 1, int(share * len(times)))]
