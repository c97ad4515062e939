"""Many requests at once against a real server, and what became of them."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any


def ask(url: str, value: float = 1.0) -> dict[str, Any]:
    """Ask once, over a connection of its own."""
    body = json.dumps({"inputs": {"x0": value}}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return dict(json.load(answer))


class Load:
    """Asks one address from several threads while the block runs."""

    def __init__(self, url: str, threads: int = 4) -> None:
        self.url = url
        self.answers: list[dict[str, Any]] = []
        self.failures: list[str] = []
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _run(self) -> None:
        while not self._done.is_set():
            try:
                self.answers.append(ask(self.url))
            except (urllib.error.URLError, OSError) as error:
                self.failures.append(repr(error))


def wait_until_all_say(url: str, says: Callable[[dict[str, Any]], bool], seconds: float, in_a_row: int = 20) -> float:
    """Wait until so many answers in a row agree, so that each worker was surely heard; give the time it took."""
    started = agreed_at = time.monotonic()
    agreed = 0
    while agreed < in_a_row:
        assert time.monotonic() - started < seconds, "not all workers have changed"
        if says(ask(url)):
            agreed_at = agreed_at if agreed else time.monotonic()
            agreed += 1
        else:
            agreed = 0
    return agreed_at - started
