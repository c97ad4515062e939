"""GET /healthz and GET /readyz"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from webapp.services.model_store import time_limit

NOWHERE = "postgresql://x@127.0.0.1:9/x"
PREDICT = "/api/v1/models/penguins/predict"


def test_it_lives(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_it_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").json == {
        "status": "ready",
        "models": 3,
        "unserved": 0,
        "recording": "database",
        "spool": {"rows": 0, "seconds": 0.0, "set_aside": 0},
    }


def test_it_is_ready_without_postgresql_as_long_as_there_is_the_spool(make_app: MakeApp, demo_models: Any) -> None:
    client = make_app(models_dir=demo_models, database_url=NOWHERE).test_client()
    assert client.post(PREDICT, json={"inputs": {"sex": 5}}).status_code == 422
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["recording"], answer.json["spool"]["rows"]) == (200, "spool", 1)


@pytest.mark.parametrize("settings", [{"log_policy": "required"}, {"spool_dir": Path("/proc/nowhere")}])
def test_it_lives_but_is_not_ready_without_any_log(make_app: MakeApp, demo_models: Any, settings: Any) -> None:
    client = make_app(models_dir=demo_models, database_url=NOWHERE, **settings).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["recording"]) == (503, None)


def test_it_is_not_ready_before_the_models_folder_has_answered(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, scandir = threading.Event(), os.scandir

    def wait(path: Any) -> Any:
        assert path != tmp_path or answers.wait(60)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", wait)
    monkeypatch.setattr(time_limit, "SILENCE_SECONDS", 0.5)
    app = make_app({"numbers": [1]})
    client = app.test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["models"]) == (503, "not ready", 0)
    for path in ("/v2/health/ready", "/ping", "/api/v1/models/numbers", "/models/numbers"):
        assert client.get(path).status_code == 503
    answers.set()
    app.extensions["scoredesk"].store.refresh()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["unserved"]) == (200, "ready", 1)
