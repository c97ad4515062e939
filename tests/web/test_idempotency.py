"""The header Idempotency-Key, on each endpoint that predicts for scripts"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import psycopg
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sklearn.base import BaseEstimator, RegressorMixin
from werkzeug.test import TestResponse

from tests.conftest import SECRET, MakeApp
from tests.serving import serving
from tests.versions.estimators import times
from webapp.controllers.access.permissions import PERMISSIONS, PREDICT
from webapp.controllers.http.idempotency import idempotent
from webapp.services.model_store.inference import Inference

URL = "/api/v1/models/line/predict"
KEY = {"Idempotency-Key": '"8e03978e"'}
#: Sent as it stands, because another spelling is another body.
BODY = b'{"inputs": {"x0": 1.5}}'


def post(client: FlaskClient, url: str = URL, body: bytes = BODY, **headers: str) -> TestResponse:
    sent = KEY | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(url, data=body, headers={"Content-Type": "application/json"} | sent)


def rows(client: FlaskClient) -> list[str]:
    return [row["status"] for row in client.get("/api/v1/predictions").json["predictions"]]


def sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def line(make_app: MakeApp) -> FlaskClient:
    return make_app({"line": times(2)}).test_client()


def test_the_same_request_gets_the_same_answer_bit_for_bit(line: FlaskClient) -> None:
    first, again = post(line), post(line, X_Request_ID="again")
    assert (again.status_code, again.data, again.content_type) == (200, first.data, first.content_type)
    assert first.json["prediction"] == pytest.approx(3)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert again.headers["X-Request-ID"] == "again"
    assert set(again.headers.keys()) == {*first.headers.keys(), "Idempotent-Replayed"}
    assert rows(line) == ["answered"]


def test_a_version_can_be_asked_so_too(line: FlaskClient) -> None:
    version = line.get("/api/v1/models/line").json["version"]
    first, again = (post(line, f"/api/v1/models/line/versions/{version}/predict") for _ in range(2))
    assert (first.status_code, again.data) == (200, first.data)
    assert rows(line) == ["answered"]


def test_a_bare_key_is_the_same_key(line: FlaskClient) -> None:
    assert post(line).data == post(line, Idempotency_Key="8e03978e").data


def test_another_key_is_another_request(line: FlaskClient) -> None:
    assert post(line).json["id"] != post(line, Idempotency_Key="8e03978f").json["id"]
    assert rows(line) == ["answered"] * 2


@pytest.mark.parametrize(
    "other",
    [
        {"body": BODY + b" "},
        {"url": "/api/v1/models/other/predict"},
        {"url": f"{URL}?more=1"},
        {"Content_Type": "application/json; charset=utf-8"},
    ],
)
def test_the_key_of_another_request_is_refused(line: FlaskClient, other: dict[str, Any]) -> None:
    post(line)
    answer = post(line, **other)
    assert answer.status_code == 422
    assert "already used for a different request" in answer.json["error"]
    assert rows(line) == ["answered"]


@pytest.mark.parametrize("key", ["", '""', "a b", '"a", "b"', "k" * 256])
def test_a_key_of_the_wrong_shape_is_refused(line: FlaskClient, key: str) -> None:
    answer = post(line, Idempotency_Key=key)
    assert answer.status_code == 400
    assert "1 to 255 printable ASCII characters" in answer.json["error"]
    assert rows(line) == []


def test_a_refused_request_frees_its_key(line: FlaskClient) -> None:
    wrong = b'{"inputs": {"x0": "1"}}'
    answers = [post(line, body=wrong), post(line, body=wrong), post(line)]
    assert [answer.status_code for answer in answers] == [422, 422, 200]
    assert "must be a number" in answers[1].text
    assert rows(line) == ["answered", "rejected", "rejected"]


def test_an_answer_is_kept_for_a_day(line: FlaskClient, database_url: str) -> None:
    first = post(line)
    sql(database_url, "UPDATE idempotency_keys SET claimed_at = claimed_at - interval '24 hours'")
    again = post(line)
    assert "Idempotent-Replayed" not in again.headers
    assert again.json["id"] != first.json["id"]


def test_a_key_that_a_dead_worker_left_is_free_after_a_minute(line: FlaskClient, database_url: str) -> None:
    post(line)
    sql(database_url, "UPDATE idempotency_keys SET status = NULL, content_type = NULL, answer = NULL")
    assert post(line).status_code == 409
    sql(database_url, "UPDATE idempotency_keys SET claimed_at = claimed_at - interval '61 seconds'")
    assert post(line).status_code == 200


def test_without_a_key_the_table_is_left_alone(line: FlaskClient, database_url: str) -> None:
    sql(database_url, "DROP TABLE idempotency_keys")
    assert line.post(URL, data=BODY, content_type="application/json").status_code == 200
    assert post(line).status_code == 503


def test_a_key_that_cant_be_looked_up_is_not_ignored(make_app: MakeApp) -> None:
    client = make_app({"line": times(2)}, database_url="postgresql://nobody@127.0.0.1:9/nothing").test_client()
    answer = post(client)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json["error"].startswith("Idempotency-Keys can't be checked right now, so the request was not run.")


@pytest.mark.parametrize(("status", "runs"), [(201, 1), (204, 1), (303, 2), (404, 2), (503, 2)])
def test_any_view_can_be_made_so_and_only_its_success_is_kept(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch, status: int, runs: int
) -> None:
    monkeypatch.setitem(PERMISSIONS, "any", PREDICT)
    app, bodies = make_app(), iter([b"\x00first", b"\xffsecond"])
    view = idempotent(lambda: Response(next(bodies), status, content_type="application/octet-stream"))
    app.add_url_rule("/api/any", "any", view, methods=["POST"])
    answers = [post(app.test_client(), "/api/any") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status] * 2
    assert len(list(bodies)) == 2 - runs
    assert (answers[0].data == answers[1].data) == (runs == 1)


STARTED = threading.Event()
OPEN = threading.Event()
OPEN.set()


class Held(RegressorMixin, BaseEstimator):
    """Refuses large numbers."""

    n_features_in_ = 1

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        if X[0, 0] > 10:
            raise ValueError("too large")
        return np.ones(len(X))


@pytest.fixture
def held(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An app whose model is loaded, and then answers when it is let."""

    def answer_when_let(inference: Inference, *rest: Any) -> Any:
        STARTED.set()
        OPEN.wait(timeout=30)
        return answer(inference, *rest)

    answer = Inference.answer
    monkeypatch.setattr(Inference, "answer", answer_when_let)
    app = make_app({"line": Held()}, trusted_types=[f"{__name__}.Held"])
    assert app.test_client().get("/api/v1/models/line").status_code == 200
    STARTED.clear()
    OPEN.clear()
    yield app
    OPEN.set()


def test_a_key_whose_request_is_running_is_refused(held: Flask) -> None:
    with ThreadPoolExecutor() as pool:
        running = pool.submit(post, held.test_client())
        assert STARTED.wait(timeout=30)
        refused = post(held.test_client())
        connections = held.extensions["scoredesk"].engine.pool.checkedout()
        OPEN.set()
        first = running.result(timeout=30)
    assert (refused.status_code, refused.headers["Retry-After"]) == (409, "1")
    assert "still running" in refused.json["error"]
    # No connection is held while a model predicts.
    assert connections == 0
    assert post(held.test_client()).data == first.data
    assert rows(held.test_client()) == ["answered"]


def test_an_answer_that_cant_be_kept_goes_out_all_the_same(
    held: Flask, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with ThreadPoolExecutor() as pool:
        running = pool.submit(post, held.test_client(), X_Request_ID="mine-7")
        assert STARTED.wait(timeout=30)
        sql(database_url, "DROP TABLE idempotency_keys")
        OPEN.set()
        assert running.result(timeout=30).status_code == 200
    assert rows(held.test_client()) == ["answered"]
    assert "The answer to request mine-7 could not be stored" in caplog.text
    assert "8e03978e" not in caplog.text


def test_a_failed_request_frees_its_key(held: Flask) -> None:
    OPEN.set()
    client = held.test_client()
    answers = [post(client, body=b'{"inputs": {"x0": 11}}'), post(client)]
    assert [answer.status_code for answer in answers] == [422, 200]
    assert rows(client) == ["answered", "rejected"]


def test_of_many_at_once_one_is_run(tmp_path: Path, database_url: str) -> None:
    joblib.dump(times(2), tmp_path / "line.joblib")
    sent = {"Content-Type": "application/json"} | KEY

    with serving(models_dir=tmp_path, database_url=database_url, secret_key=SECRET, web_concurrency=2) as server:
        start = threading.Barrier(20)

        def ask(_: int) -> tuple[int, bytes]:
            start.wait(timeout=30)
            try:
                with urllib.request.urlopen(urllib.request.Request(server.url + URL, BODY, sent), timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, b""

        with ThreadPoolExecutor(20) as pool:
            answers = set(pool.map(ask, range(20)))
        with urllib.request.urlopen(f"{server.url}/api/v1/predictions") as page:
            (row,) = json.load(page)["predictions"]
    (body,) = {body for status, body in answers if status == 200}
    assert json.loads(body)["id"] == row["id"]
    assert answers <= {(200, body), (409, b"")}
