"""While PostgreSQL is out of reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp

NOWHERE = "postgresql://x@127.0.0.1:9/x"
URL = "/api/v1/models/penguins/predict"


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("waiting")


@pytest.fixture
def cut_off(make_app: MakeApp, demo_models: Path, folder: Path) -> FlaskClient:
    """A service that finds no PostgreSQL."""
    return make_app(models_dir=demo_models, database_url=NOWHERE, spool_dir=folder).test_client()


@pytest.fixture
def whole(make_app: MakeApp, demo_models: Path, folder: Path) -> Flask:
    """The same service when it finds one."""
    return make_app(models_dir=demo_models, spool_dir=folder)


def test_an_answer_is_given_and_can_be_looked_at(cut_off: FlaskClient, penguin: dict[str, Any]) -> None:
    given = cut_off.post(URL, json={"inputs": penguin})
    assert given.status_code == 200
    record = cut_off.get(f"/api/v1/predictions/{given.json['id']}").json
    assert record["inputs"] == penguin | {"flipper_length_mm": 181.0, "body_mass_g": 3750.0}
    assert record["probabilities"] == given.json["probabilities"]


def test_a_form_leads_to_its_record(cut_off: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = cut_off.post("/models/penguins", data=penguin, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.request.path.startswith("/predictions/")
    assert "Adelie" in answer.text


def test_only_the_first_request_waits_for_postgresql(
    cut_off: FlaskClient, penguin: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        assert cut_off.post(URL, json={"inputs": penguin}).status_code == 200
    # Before the first record, the keys are compared.
    assert sum("KeysUnavailable" in message for message in caplog.messages) == 1
    assert not any("Recording failed" in message for message in caplog.messages)


def test_all_that_waited_is_in_postgresql_afterwards_as_it_was_answered(
    cut_off: FlaskClient, whole: Flask, penguin: dict[str, Any]
) -> None:
    many = cut_off.post(URL, json={"inputs": [penguin] * 3}).json["predictions"]
    assert cut_off.post(URL, json={"inputs": {"sex": 5}}).status_code == 422
    cut_off.application.extensions["scoredesk"].spool.seal()
    assert whole.extensions["scoredesk"].replayer.replay() == 4
    records = whole.test_client().get("/api/v1/predictions").json["predictions"]
    assert sorted(record["status"] for record in records) == ["answered"] * 3 + ["rejected"]
    kept = {record["id"]: record["probabilities"] for record in records}
    assert {each["id"]: each["probabilities"] for each in many}.items() <= kept.items()


def test_after_a_failure_postgresql_is_used_again(whole: Flask, penguin: dict[str, Any]) -> None:
    log, client = whole.extensions["scoredesk"].log, whole.test_client()
    log._breaker.failed()
    assert client.post(URL, json={"inputs": penguin}).status_code == 200
    assert client.get("/readyz").json["recording"] == "spool"
    log.mend()
    assert client.get("/readyz").json["recording"] == "database"
    client.post(URL, json={"inputs": penguin})
    assert len(client.get("/api/v1/predictions").json["predictions"]) == 1
