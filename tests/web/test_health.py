"""GET /healthz and GET /readyz"""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from tests.conftest import MakeApp


def test_it_lives(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_it_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").json == {"status": "ready", "models": 3, "unserved": 0, "recording": True}


def test_it_lives_but_is_not_ready_without_its_log(make_app: MakeApp, demo_models: Any) -> None:
    client = make_app(models_dir=demo_models, database_url="postgresql://x@127.0.0.1:9/x").test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["recording"]) == (503, False)
