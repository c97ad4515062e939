"""GET /healthz and GET /readyz"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from threading import Event
from time import sleep, time
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.faults.postgres import wait_until
from tests.faults.rows import a_row, spooled
from webapp.helpers.uuid7 import uuid7
from webapp.services import catalog_check
from webapp.services.model_store import time_limit
from webapp.services.readiness import ESSENTIAL

NOWHERE = "postgresql://x@127.0.0.1:9/x"
PREDICT = "/api/v1/models/penguins/predict"


def test_it_lives(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_it_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").json == {
        "status": "ready",
        "reasons": [],
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
    assert answer.json["status"] == "degraded"
    assert answer.json["reasons"] == ["PostgreSQL stores no predictions. They wait on this machine's disk."]


def test_it_is_not_ready_after_too_long_without_postgresql(make_app: MakeApp, demo_models: Any) -> None:
    client = make_app(models_dir=demo_models, database_url=NOWHERE, unready_after=1).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    sleep(1.1)
    for path in ("/readyz", "/v2/health/ready"):
        assert client.get(path).status_code == 503
    answer = client.get("/readyz")
    assert (answer.json["status"], answer.json["recording"]) == ("not ready", "spool")
    assert len(answer.json["reasons"]) == 1


def test_it_says_that_what_waits_is_not_moved(make_app: MakeApp, demo_models: Any, tmp_path: Path) -> None:
    spooled(tmp_path / "waiting", [a_row()])
    (segment,) = (tmp_path / "waiting").glob("*.journal")
    # The name of a segment tells when it was begun.
    segment.rename(segment.with_stem(str(uuid7((int(time()) - 3000) * 1000, 0, 1))))
    client = make_app(models_dir=demo_models, spool_dir=tmp_path / "waiting").test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"], answer.json["recording"]) == (200, "degraded", "database")
    assert answer.json["reasons"] == ["Predictions that wait on this machine's disk are not moved to PostgreSQL."]


@pytest.mark.parametrize("part", ESSENTIAL)
def test_it_says_that_a_background_part_hangs(
    make_app: MakeApp, demo_models: Any, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.readiness.MAX_ROUND_SECONDS", 2.0)
    app = make_app(models_dir=demo_models, seal_every=0, unready_after=0)
    services, client, hangs = app.extensions["scoredesk"], app.test_client(), Event()
    in_each_round = {"watcher": (services.store, "prepare"), "replayer": (services.replayer, "replay")}
    monkeypatch.setattr(*in_each_round[part], lambda **_: hangs.wait(30))
    said = f"The {part} has not completed a round for "
    services.start()
    try:
        wait_until(lambda: any(reason.startswith(said) for reason in client.get("/readyz").json["reasons"]))
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json["status"]) == (200, "degraded")
        services.readiness._patience = 0.1
        assert client.get("/readyz").status_code == 503
        hangs.set()
        wait_until(lambda: client.get("/readyz").json["status"] == "ready")
    finally:
        hangs.set()
        services.stop()


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


def test_it_is_degraded_while_a_trigger_of_somebody_else_acts_on_the_table(
    client: FlaskClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_check, "CHECK_INTERVAL_SECONDS", 0.0)
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("CREATE RULE mine AS ON DELETE TO predictions DO INSTEAD NOTHING")
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert (answer.json["status"], answer.json["reasons"]) == ("degraded", [catalog_check.REASON])
        owner.execute("DROP RULE mine ON predictions")
    assert client.get("/readyz").json["status"] == "ready"


def test_the_tables_are_looked_at_once_in_a_while(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    monkeypatch.setattr(catalog_check.catalog, "problems", lambda connection: looks.append(connection) or iter(()))
    for _ in range(3):
        assert client.get("/readyz").json["status"] == "ready"
    assert len(looks) == 1
