"""Models that hang keep neither the probes nor other models from answering."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import joblib
import pytest

from tests.faults.conftest import Serve
from tests.faults.hanging import Hanging
from tests.faults.load import PATH
from tests.faults.postgres import Postgres, wait_until
from tests.serving import Serving

THREADS, CALLERS = 16, 48
MODELS = ("first", "second", "third")
#: So long that no caller gives up by itself while a test runs.
PATIENCE = 600
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
#: A request of each protocol.
DOORS = [
    ("/api/v1/models/{}/predict", JSON, json.dumps({"inputs": {"x0": 1}})),
    ("/v1/models/{}:predict", JSON, json.dumps({"instances": [[1]]})),
    (
        "/v2/models/{}/infer",
        JSON,
        json.dumps({"inputs": [{"name": "x", "shape": [1, 1], "datatype": "FP64", "data": [1]}]}),
    ),
    ("/mlflow/{}/invocations", JSON, json.dumps({"dataframe_split": {"columns": ["x0"], "data": [[1]]}})),
    ("/models/{}", FORM, "x0=1"),
]


@pytest.fixture(scope="module")
def hang_while() -> Iterator[Path]:
    """The file that makes the models hang while it is there, where each user sees it."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "now"


@pytest.fixture(scope="module")
def server(serve: Serve, sums: Path, hang_while: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("models")
    copy(sums / "sum.joblib", folder)
    for name in MODELS:
        joblib.dump(Hanging(str(hang_while)), folder / f"{name}.joblib")
    settings = {"models_dir": folder, "trusted_types": "tests.faults.hanging.Hanging"}
    with serve(web_concurrency=1, threads=THREADS, request_timeout=PATIENCE, **settings) as server:
        yield server


def ask(server: Serving, path: str, kind: str = "", body: str | None = None) -> tuple[int, str | None, bytes]:
    """Ask once, and give the status, the header Retry-After and the body."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    try:
        connection.request("GET" if body is None else "POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Retry-After"), answer.read()
    finally:
        connection.close()


def call(server: Serving, number: int, models: tuple[str, ...]) -> tuple[int, str | None, bytes]:
    path, kind, body = DOORS[number // len(models) % len(DOORS)]
    return ask(server, path.format(models[number % len(models)]), kind, body)


def add(server: Serving) -> int:
    return ask(server, PATH, JSON, json.dumps({"inputs": {"x0": 1, "x1": 2}}))[0]


def done(calls: list[Future[Any]]) -> list[Future[Any]]:
    return [each for each in calls if each.done()]


@pytest.mark.parametrize("models", [MODELS[:1], MODELS], ids=["one model", "several models"])
def test_models_that_hang_leave_threads_for_probes_and_for_other_models(
    server: Serving, postgres: Postgres, hang_while: Path, models: tuple[str, ...]
) -> None:
    may_wait = THREADS // 2 if len(models) == 1 else THREADS - 2
    hang_while.touch()
    with ThreadPoolExecutor(CALLERS) as pool:
        try:
            calls = [pool.submit(call, server, number, models) for number in range(CALLERS)]
            # As soon as the callers come, before anybody can know that the model hangs.
            assert {ask(server, path)[0] for path in ("/healthz", "/readyz") * 3} == {200}
            wait_until(lambda: len(done(calls)) >= CALLERS - may_wait)
            assert {add(server) for _ in range(5)} == {200}
            assert {ask(server, path)[0] for path in ("/", "/readyz", "/models/first")} == {200}
            refused = [each.result() for each in done(calls)]
            # Those who still wait for a model that hangs were not given up meanwhile.
            assert 1 <= len(calls) - len(refused) <= may_wait
        finally:
            hang_while.unlink()
        answers = [each.result(timeout=60) for each in calls]
    assert {(status, retry_after) for status, retry_after, _ in refused} == {(503, "1")}
    assert all(b"Too many requests are waiting for this model." in body for _, _, body in refused)
    answered = [status for status, _, _ in answers if status != 503]
    assert set(answered) <= {200, 303}
    rows = "SELECT count(*) FROM predictions WHERE model = ANY(%s) AND status = 'answered'"
    ((recorded,),) = postgres.execute(rows, list(models))
    assert recorded >= len(answered) > 0
