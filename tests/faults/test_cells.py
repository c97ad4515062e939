"""The processes of models are killed, hang, crash and use all that they can get, while people ask."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import joblib
import psutil
import pytest

from tests.faults import harmful
from tests.faults.conftest import Serve
from tests.faults.load import PATH, Load
from tests.faults.postgres import Postgres, wait_until
from tests.serving import Serving

PLAIN, HARMFUL = PATH.replace("sum", "plain"), PATH.replace("sum", "harmful")
TRUSTED = "tests.faults.harmful.Adding,tests.faults.harmful.Harmful"
RECORDED = "The failure is recorded."


@pytest.fixture(scope="module")
def server(serve: Serve, sums: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service with a model that is compiled, one that is not, and one that does harm."""
    folder = tmp_path_factory.mktemp("models")
    copy(sums / "sum.joblib", folder)
    joblib.dump(harmful.Adding(), folder / "plain.joblib")
    joblib.dump(harmful.Harmful(), folder / "harmful.joblib")
    with serve(models_dir=folder, trusted_types=TRUSTED, request_timeout=3, cells=2) as server:
        yield server


def zygote_of(server: Serving) -> psutil.Process | None:
    """Find the process that forks the cells."""
    for process in psutil.Process(server.process.pid).children(recursive=True):
        try:
            command, parent = process.cmdline(), process.parent()
            is_cell = parent is not None and "webapp.cell" in parent.cmdline()
        except psutil.NoSuchProcess:
            continue
        if "webapp.cell" in command and not is_cell:
            return process
    return None


def cells_of(server: Serving) -> list[psutil.Process]:
    zygote = zygote_of(server)
    return zygote.children() if zygote else []


def is_alive(server: Serving) -> bool:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=20) as answer:
        return bool(answer.status == 200)


def ask(server: Serving, path: str, x0: float) -> tuple[int, dict[str, Any]]:
    body = json.dumps({"inputs": {"x0": x0, "x1": 1.0}}).encode()
    request = urllib.request.Request(server.url + path, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def check_failures(refusals: list[dict[str, Any]], postgres: Postgres) -> None:
    """Check that each failure which was said to be recorded is, and that all others are refusals."""
    recorded = {each["request_id"] for each in refusals if RECORDED in each["error"]}
    assert {each["status"] for each in refusals if each["request_id"] not in recorded} <= {503}
    request_ids = [each["request_id"] for each in refusals]
    statement = "SELECT DISTINCT request_id, status FROM predictions WHERE request_id = ANY(%s)"
    rows = postgres.execute(statement, request_ids)
    # Who was sent away after waiting may leave a record too, of how the call ended that it waited for.
    assert {row for row in rows if row[0] in recorded} == {(request_id, "failed") for request_id in recorded}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_cells_are_killed_and_stopped(
    server: Serving, postgres: Postgres, nothing_is_lost: Any, how: signal.Signals
) -> None:
    with Load(server.url, clients=4, path=PLAIN) as load, Load(server.url, clients=2) as compiled:
        # After more deaths than these, the model would rest for longer than this test waits.
        for several in (1, 2):
            before = len(load.answers)
            wait_until(lambda count=before: load.more_than(count + 20))
            for cell in wait_until(lambda: cells_of(server))[:several]:
                cell.send_signal(how)
            assert is_alive(server)
        before = len(load.answers)
        wait_until(lambda: load.more_than(before + 20))
    assert set(load.statuses) <= {200, 500, 503}
    assert set(compiled.statuses) == {200}
    nothing_is_lost(load.answers)
    nothing_is_lost(compiled.answers)
    check_failures([refusal for refusal, _ in load.refusals], postgres)


def test_the_zygote_is_killed(server: Serving, postgres: Postgres, nothing_is_lost: Any) -> None:
    with Load(server.url, clients=4, path=PLAIN) as load, Load(server.url, clients=2) as compiled:
        wait_until(lambda: load.more_than(50))
        zygote = wait_until(lambda: zygote_of(server))
        cells = zygote.children()
        zygote.kill()
        before = len(load.answers)
        wait_until(lambda: load.more_than(before + 50))
        assert is_alive(server)
        wait_until(lambda: not any(cell.is_running() for cell in cells))
    assert set(load.statuses) <= {200, 500, 503}
    assert set(compiled.statuses) == {200}
    nothing_is_lost(load.answers)
    nothing_is_lost(compiled.answers)
    check_failures([refusal for refusal, _ in load.refusals], postgres)


@pytest.mark.parametrize("number", range(1, len(harmful.HARMS) + 1), ids=[harm.__name__ for harm in harmful.HARMS])
def test_a_model_does_harm(server: Serving, postgres: Postgres, nothing_is_lost: Any, number: int) -> None:
    with Load(server.url, clients=2, path=PLAIN) as load, Load(server.url, clients=2) as compiled:
        for _ in range(2):
            status, found = ask(server, HARMFUL, number)
            if status == 200:
                assert found["prediction"] == number + 1
            else:
                assert status in (500, 503)
                check_failures([found], postgres)
            assert is_alive(server)
        before = len(load.answers), len(compiled.answers)
        wait_until(lambda: load.more_than(before[0] + 5) and compiled.more_than(before[1] + 5))
    assert set(load.statuses) == {200}
    assert set(compiled.statuses) == {200}
    nothing_is_lost(load.answers)
    nothing_is_lost(compiled.answers)
    # It answers again, once its process may be started again.
    wait_until(lambda: ask(server, HARMFUL, -1)[0] == 200, seconds=60, every=0.5)
