"""Pages of other origins: a browser lets them call the API only from origins that CORS_ORIGINS names"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import MakeApp
from webapp.helpers.accounts.roles import Role

ORIGIN, OTHER = "https://ward.example", "https://elsewhere.example"
URL = "/api/v1/models/penguins/predict"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture
def app(make_app: MakeApp, demo_models: Path) -> Flask:
    return make_app(models_dir=demo_models, auth="login", cors_origins=(ORIGIN,), default_model="penguins")


@pytest.fixture
def key(app: Flask) -> dict[str, str]:
    return {"Authorization": f"Bearer {app.extensions['scoredesk'].keys.make('ward', Role.PREDICT)}"}


def sent_by(origin: str) -> dict[str, str]:
    return {"Origin": origin, "Sec-Fetch-Site": "cross-site"}


def test_by_default_no_other_origin_may_call(make_app: MakeApp, demo_models: Path, penguin: dict[str, Any]) -> None:
    client = make_app(models_dir=demo_models).test_client()
    preflight = client.options(URL, headers=sent_by(ORIGIN) | PREFLIGHT)
    assert not [name for name, _ in preflight.headers if name.startswith("Access-Control")]
    assert "Origin" not in preflight.headers.get("Vary", "")
    assert client.post(URL, json={"inputs": penguin}, headers=sent_by(ORIGIN)).status_code == 403


@pytest.mark.parametrize(
    "path",
    [URL, "/v1/models/penguins:predict", "/v2/models/penguins/infer", "/mlflow/penguins/invocations", "/invocations"],
)
def test_the_question_before_a_request_is_answered_without_a_key(app: Flask, path: str) -> None:
    answer = app.test_client().options(path, headers=sent_by(ORIGIN) | PREFLIGHT)
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert {"Authorization", "Content-Type"} < set(answer.headers["Access-Control-Allow-Headers"].split(", "))


def test_a_page_of_a_named_origin_predicts_with_its_key(
    app: Flask, key: dict[str, str], penguin: dict[str, Any]
) -> None:
    answer = app.test_client().post(URL, json={"inputs": penguin}, headers=sent_by(ORIGIN) | key)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]


def test_it_can_read_what_is_wrong(app: Flask, key: dict[str, str]) -> None:
    client = app.test_client()
    invalid = client.post(URL, json={"inputs": {"colour": 1}}, headers=sent_by(ORIGIN) | key)
    unknown = client.get("/api/v1/models/penguin", headers=sent_by(ORIGIN))
    missing = client.get("/v2/nothing", headers=sent_by(ORIGIN))
    assert [each.status_code for each in (invalid, unknown, missing)] == [422, 401, 404]
    assert {each.headers["Access-Control-Allow-Origin"] for each in (invalid, unknown, missing)} == {ORIGIN}


def test_without_a_key_it_can_change_nothing_because_a_proxy_could_stand_for_its_user(
    app: Flask, penguin: dict[str, Any]
) -> None:
    answer = app.test_client().post(URL, json={"inputs": penguin}, headers=sent_by(ORIGIN))
    assert answer.status_code == 403


@pytest.mark.parametrize("origin", [OTHER, f"{ORIGIN}.evil.example", "http://ward.example", f"{ORIGIN}:8443", "null"])
def test_any_other_origin_stays_outside(app: Flask, key: dict[str, str], penguin: dict[str, Any], origin: str) -> None:
    client = app.test_client()
    preflight = client.options(URL, headers=sent_by(origin) | PREFLIGHT)
    sent = client.post(URL, json={"inputs": penguin}, headers=sent_by(origin) | key)
    read = client.get("/api/v1/models", headers=sent_by(origin) | key)
    assert (sent.status_code, read.status_code) == (403, 200)
    for answer in (preflight, sent, read):
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/", "/models/penguins", "/predictions", "/predictions.json", "/openapi.json", "/keys"]
)
def test_no_page_for_people_is_ever_shared(app: Flask, key: dict[str, str], path: str) -> None:
    client = app.test_client()
    preflight = client.options(path, headers=sent_by(ORIGIN) | PREFLIGHT)
    for answer in (preflight, client.get(path, headers=sent_by(ORIGIN) | key)):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_no_answer_lets_a_browser_use_cookies_or_keep_it_for_another_origin(app: Flask, key: dict[str, str]) -> None:
    client = app.test_client()
    for headers in (sent_by(ORIGIN) | key, sent_by(OTHER) | key, key, sent_by(ORIGIN) | PREFLIGHT):
        answer = client.open(
            "/api/v1/models", method="OPTIONS" if PREFLIGHT.keys() <= headers.keys() else "GET", headers=headers
        )
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert answer.headers.get("Access-Control-Allow-Origin") != "*"
