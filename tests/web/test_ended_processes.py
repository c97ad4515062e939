"""The page of a model says what has happened to its process."""

from __future__ import annotations

import os
import signal

from sklearn.svm import SVC

from tests.cells import pids
from tests.conftest import MakeApp
from tests.faults.postgres import wait_until


def test_it_says_that_a_process_has_ended_and_why(make_app: MakeApp) -> None:
    app = make_app({"side": SVC().fit([[0.0], [1.0]], ["left", "right"])})
    client = app.test_client()
    assert client.post("/api/v1/models/side/predict", json={"inputs": {"x0": 0.0}}).status_code == 200
    assert b"Its process" not in client.get("/models/side/card").data
    cells = app.extensions["scoredesk"].store.get("side").inference.cells
    # There are two if the machine was busy.
    killed = pids(cells)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not pids(cells))
    page = client.get("/models/side/card").get_data(as_text=True)
    times = "1 time" if len(killed) == 1 else f"{len(killed)} times"
    assert f"It has ended {times} in the last ten minutes. Its process was killed." in page
    assert client.post("/api/v1/models/side/predict", json={"inputs": {"x0": 1.0}}).status_code == 200
