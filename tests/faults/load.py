"""Clients that remember every answer, and the oracle that looks for each in the table."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import joblib
import numpy as np
from sklearn.linear_model import LinearRegression

from tests.faults.postgres import Postgres

PATH = "/api/v1/models/sum/predict"


def save_sums(folder: Path) -> Path:
    """Save the model that is asked here, which adds two numbers."""
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    joblib.dump(LinearRegression().fit(X, X.sum(axis=1)), folder / "sum.joblib")
    return folder


@dataclass(frozen=True, slots=True)
class Answered:
    """What one client sent, and what it got."""

    id: str
    inputs: dict[str, Any]
    prediction: float


class Load:
    """Clients that each ask again and again, over a connection that they keep, while the block runs.

    Every third request is a list of several instances.
    """

    def __init__(
        self, url: str, clients: int = 8, several: int = 3, pause: float = 0, key: str = "", path: str = PATH
    ) -> None:
        self._address = urlsplit(url).netloc
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._several, self._pause, self._path = several, pause, path
        self.answers: list[Answered] = []
        #: What those were told who were sent away, and when they may come again.
        self.refusals: list[tuple[dict[str, Any], str | None]] = []
        #: How many requests had no answer although their connection had been used before.
        self.cut_off = 0
        #: How many requests ended in each status; 0 stands for a connection that broke.
        self.statuses: Counter[int] = Counter()
        self._numbers = itertools.count(1)
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a client was left without an answer"

    def more_than(self, count: int) -> bool:
        """Tell whether so many answers more than now have come, when asked again."""
        return len(self.answers) > count

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=40)
        while not self._done.is_set():
            number = next(self._numbers)
            size = self._several if number % 3 == 0 else 1
            used_before = connection.sock is not None
            try:
                self._ask(connection, [{"x0": float(number), "x1": each / 7} for each in range(size)])
                self._done.wait(self._pause)
            except (OSError, http.client.HTTPException):
                self.statuses[0] += 1
                self.cut_off += used_before
                connection.close()
                self._done.wait(0.02)
        connection.close()

    def _ask(self, connection: http.client.HTTPConnection, instances: list[dict[str, float]]) -> None:
        alone = len(instances) == 1
        body = json.dumps({"inputs": instances[0] if alone else instances})
        connection.request("POST", self._path, body, self._headers)
        response = connection.getresponse()
        found = json.loads(response.read())
        self.statuses[response.status] += 1
        if response.status == 200:
            for inputs, answer in zip(instances, [found] if alone else found["predictions"], strict=True):
                self.answers.append(Answered(answer["id"], inputs, answer["prediction"]))
        else:
            self.refusals.append((found, response.getheader("Retry-After")))


def lost(answers: list[Answered], postgres: Postgres) -> list[str]:
    """Say which answers are not in the table exactly once, with the inputs and the answer that the client saw."""
    rows = postgres.execute("SELECT id::text, inputs, output FROM predictions WHERE status = 'answered'")
    count = Counter(row[0] for row in rows)
    kept = {id: (inputs, output["prediction"]) for id, inputs, output in rows}
    return [
        f"{each.id}: {count[each.id]} times, {kept.get(each.id)} instead of {(each.inputs, each.prediction)}"
        for each in answers
        if count[each.id] != 1 or kept[each.id] != (each.inputs, each.prediction)
    ]


def wrong(answers: list[Answered]) -> list[Answered]:
    """Give the answers that are another's."""
    return [each for each in answers if abs(each.prediction - sum(each.inputs.values())) > 1e-6 * each.prediction]
