"""Who may ask what: every address and every role, held against the table in docs/security.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.helpers.accounts.roles import Grant, Role

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(GET|POST) (.+?)` \| (.+?) \|$", re.MULTILINE)
PERMISSIONS = {"nothing": 0, "predict": 1, "review": 2, "admin": 3, "review of all models": 4, "admin of all models": 4}
#: What a caller has: the least of NEEDS that is too much for it.
CALLERS = {"nobody": 0, "another model's admin": 0, "predict": 1, "review": 2, "admin": 3, "admin of all models": 4}


@pytest.fixture
def guarded(make_app: MakeApp, demo_models: Path) -> Flask:
    """An app that lets in only who has a key or a password."""
    return make_app(models_dir=demo_models, auth="login", default_model="penguins")


@pytest.fixture
def keys(guarded: Flask) -> dict[str, dict[str, str]]:
    """The headers of one caller of each kind."""
    make = guarded.extensions["scoredesk"].keys.make
    made = {role.word: make(role.word, role, models=["penguins"]) for role in Role}
    made["admin of all models"] = make("chief", Role.ADMIN)
    made["another model's admin"] = make("other", Role.ADMIN, models=["penguin-mass"])
    return {"nobody": {}} | {name: bearer(key) for name, key in made.items()}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield method, rule.rule


def documented() -> dict[tuple[str, str], int]:
    text = (ROOT / "docs/security.md").read_text()
    return {(method, path): PERMISSIONS[need] for method, path, need in ROW.findall(text)}


def ask(client: FlaskClient, method: str, path: str, headers: dict[str, str]) -> TestResponse:
    url = re.sub(r"<(bare:)?name>", "penguins", path).replace("<version>", "1").replace("<path:filename>", "style.css")
    url = url.replace("<id>", "01a209d1-14c3-7000-8c4b-68060c25d92e")
    with client.open(url, method=method, headers=headers) as answer:
        return answer


def is_refused(answer: TestResponse) -> bool:
    to_login = answer.status_code == 303 and answer.headers["Location"].startswith("/login?")
    # The login itself says 401 too, to a wrong password.
    to_key = answer.status_code == 401 and "WWW-Authenticate" in answer.headers
    return answer.status_code == 403 or to_key or to_login


def test_each_address_is_open_to_whom_the_table_says(guarded: Flask, keys: dict[str, dict[str, str]]) -> None:
    table = documented()
    assert sorted(table) == sorted(set(routes(guarded)))
    wrong = []
    for (method, path), need in table.items():
        for caller, headers in keys.items():
            # Addresses that name no model are for whoever has the role for one.
            has = CALLERS[caller]
            if caller == "another model's admin" and "name>" not in path and path != "/invocations":
                has = 3
            refused = is_refused(ask(guarded.test_client(), method, path, headers))
            if refused != (need > has):
                wrong.append((method, path, caller))
    assert wrong == []


def test_a_script_without_a_key_is_told_what_to_send(guarded: Flask) -> None:
    answer = guarded.test_client().post("/api/v1/models/penguins/predict", json={})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer" in answer.json["error"]


def test_a_person_is_led_to_the_login_and_back(guarded: Flask) -> None:
    answer = guarded.test_client().get("/models/penguins?island=Dream")
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/login?next=/models/penguins?island%3DDream",
    )


@pytest.mark.parametrize("sent", ["Bearer sd_000000000000_x", "Bearer ", "Basic YTpi", "sd_x", "Bearer sd_" + "0" * 99])
def test_a_key_that_is_none_is_refused(guarded: Flask, sent: str) -> None:
    answer = guarded.test_client().get("/api/v1/models", headers={"Authorization": sent})
    sentence = "This API key is not valid, or it has expired or been revoked."
    assert (answer.status_code, answer.json["error"]) == (401, sentence)


def test_a_key_of_another_secret_is_refused(guarded: Flask, keys: dict[str, dict[str, str]]) -> None:
    forged = keys["admin"]["Authorization"][:-4] + "AAAA"
    assert guarded.test_client().get("/api/v1/models", headers={"Authorization": forged}).status_code == 401


def test_one_sees_only_the_models_that_one_may_ask(guarded: Flask, keys: dict[str, dict[str, str]]) -> None:
    client = guarded.test_client()

    def names(path: str, method: str = "GET") -> Any:
        return client.open(path, method=method, headers=keys["predict"]).json

    assert [each["name"] for each in names("/api/v1/models")["models"]] == ["penguins"]
    assert names("/v2/models")["models"] == names("/v1/models")["models"] == ["penguins"]
    assert [each["name"] for each in names("/v2/repository/index", "POST")] == ["penguins"]
    page = client.get("/", headers=keys["predict"]).text
    assert ("/models/penguins" in page, "penguin-mass" in page) == (True, False)


def test_one_sees_ones_own_predictions_and_those_of_models_to_review(
    guarded: Flask, keys: dict[str, dict[str, str]], penguin: dict[str, Any]
) -> None:
    client, url = guarded.test_client(), "/api/v1/models/penguins/predict"
    mine = client.post(url, json={"inputs": penguin}, headers=keys["predict"]).json["id"]
    theirs = client.post(url, json={"inputs": penguin}, headers=keys["admin"]).json["id"]

    def seen(caller: str) -> list[str]:
        listed = client.get("/api/v1/predictions", headers=keys[caller]).json["predictions"]
        found = {
            id
            for id in (mine, theirs)
            for path in (f"/api/v1/predictions/{id}", f"/predictions/{id}", f"/predictions/{id}.json")
            if client.get(path, headers=keys[caller]).status_code == 200
        }
        assert found == {each["id"] for each in listed}
        return sorted(found)

    assert seen("predict") == [mine]
    assert seen("review") == seen("admin of all models") == sorted([mine, theirs])
    assert seen("another model's admin") == []
    for path in (f"/predictions/{mine}?beside={theirs}", f"/models/penguins?again={theirs}"):
        assert client.get(path, headers=keys["predict"]).status_code == 404
    assert client.get(f"/models/penguins?again={mine}", headers=keys["predict"]).status_code == 200
    assert client.get(f"/api/v1/predictions/{mine}", headers=keys["predict"]).json["actor"] == "key:predict"


def test_exports_and_counts_hold_only_what_one_may_see(
    guarded: Flask, keys: dict[str, dict[str, str]], penguin: dict[str, Any]
) -> None:
    client = guarded.test_client()
    client.post("/api/v1/models/penguins/predict", json={"inputs": penguin}, headers=keys["admin"])
    assert client.get("/predictions.json", headers=keys["review"]).json["predictions"]
    assert client.get("/predictions.json", headers=keys["another model's admin"]).json["predictions"] == []
    assert client.get("/predictions.csv", headers=keys["predict"]).status_code == 403
    assert "Adelie" not in client.get("/predictions", headers=keys["another model's admin"]).text


def test_a_link_is_shown_to_those_who_may_follow_it(
    guarded: Flask, keys: dict[str, dict[str, str]], penguin: dict[str, Any]
) -> None:
    client, url = guarded.test_client(), "/api/v1/models/penguins/predict"
    shown = {}
    for caller in ("predict", "review", "admin of all models"):
        id = client.post(url, json={"inputs": penguin}, headers=keys[caller]).json["id"]
        pages = [client.get(path, headers=keys[caller]).text for path in ("/predictions", f"/predictions/{id}")]
        links = {link for page in pages for link in re.findall(r'href="(/[^"?#]*)', page)}
        refused = [link for link in links if is_refused(ask(client, "GET", link, keys[caller]))]
        assert refused == []
        shown[caller] = links
    assert "/predictions.csv" in shown["review"] - shown["predict"]
    assert "/users" in shown["admin of all models"] - shown["review"]


def test_a_browser_without_a_login_is_told_that_an_address_is_for_scripts(guarded: Flask) -> None:
    headers = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    answer = guarded.test_client().get("/api/v1/models", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert "send an API key" in answer.text
    # After a login this address would still accept no cookie.
    assert "/login" not in answer.text


def test_a_revoked_key_is_over_at_once_and_an_expired_one_by_itself(guarded: Flask) -> None:
    from datetime import UTC, datetime, timedelta

    keys = guarded.extensions["scoredesk"].keys
    key = keys.make("nightly", Role.PREDICT, expires_at=datetime.now(UTC) + timedelta(days=1))
    past = keys.make("old", Role.PREDICT, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    client = guarded.test_client()
    assert client.get("/api/v1/models", headers=bearer(key)).status_code == 200
    assert client.get("/api/v1/models", headers=bearer(past)).status_code == 401
    keys.revoke(key.split("_")[1], actor="grace")
    assert client.get("/api/v1/models", headers=bearer(key)).status_code == 401


def test_no_secret_of_a_key_is_in_the_database(guarded: Flask, database_url: str) -> None:
    import psycopg

    key = guarded.extensions["scoredesk"].keys.make("nightly", Role.PREDICT)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT api_keys::text FROM api_keys").fetchall()
    assert key.split("_", 2)[2] not in str(rows)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/models/penguins", "/v2/models/penguins/infer", "/login", "/api/v1/models/x/predict"]
)
def test_what_the_page_of_another_site_sends_does_nothing(
    client: FlaskClient, penguin: dict[str, Any], path: str, headers: dict[str, str]
) -> None:
    answer = client.post(path, data=penguin, headers=headers)
    assert answer.status_code == 403
    assert client.get("/api/v1/predictions").json["predictions"] == []


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}]
)
def test_ones_own_pages_and_scripts_may_send(client: FlaskClient, penguin: dict[str, Any], headers: Any) -> None:
    assert client.post("/models/penguins", data=penguin, headers=headers).status_code == 303


def test_without_a_login_each_page_says_so_and_answers_to_loopback_names_alone(client: FlaskClient) -> None:
    assert "Logins are off" in client.get("/").text
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400
    assert client.get("/", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_with_a_login_no_page_says_so(guarded: Flask) -> None:
    assert "Logins are off" not in guarded.test_client().get("/login").text


def test_a_proxy_names_who_asks(make_app: MakeApp, demo_models: Path, penguin: dict[str, Any]) -> None:
    app = make_app(models_dir=demo_models, auth="proxy", auth_proxy_header="X-User", auth_proxy_role="predict")
    client = app.test_client()
    assert client.get("/").status_code in (303, 401)
    answer = client.post("/api/v1/models/penguins/predict", json={"inputs": penguin}, headers={"X-User": "Ada"})
    assert answer.status_code == 200
    record = client.get(f"/api/v1/predictions/{answer.json['id']}", headers={"X-User": "ada"}).json
    assert record["actor"] == "ada"
    assert client.get("/audit", headers={"X-User": "ada"}).status_code == 403
    app.extensions["scoredesk"].users.grant("ada", Grant(role=Role.ADMIN), actor="grace")
    assert client.get("/audit", headers={"X-User": "ada"}).status_code == 200


@pytest.mark.parametrize("nothing", ["", " "])
def test_a_proxys_header_with_nothing_in_it_is_as_if_it_were_not_there(
    make_app: MakeApp, demo_models: Path, nothing: str
) -> None:
    app = make_app(models_dir=demo_models, auth="proxy")
    client, headers = app.test_client(), {"X-Remote-User": nothing}
    key = app.extensions["scoredesk"].keys.make("nightly", Role.PREDICT)
    assert client.get("/api/v1/models", headers=headers).status_code == 401
    assert client.get("/api/v1/models", headers=headers | bearer(key)).status_code == 200


def test_a_disabled_user_is_nobody_to_the_proxy_either(make_app: MakeApp, demo_models: Path) -> None:
    app = make_app(models_dir=demo_models, auth="proxy", auth_proxy_role="admin")
    client, users = app.test_client(), app.extensions["scoredesk"].users
    users.create("ada", "gentoo walks to the sea", Grant(role=Role.ADMIN), actor="grace")
    users.create("bob", "gentoo walks to the sea", Grant(role=Role.ADMIN), actor="grace")
    assert client.get("/api/v1/models", headers={"X-Remote-User": "bob"}).status_code == 200
    users.disable("bob", actor="grace")
    assert client.get("/api/v1/models", headers={"X-Remote-User": "Bob"}).status_code == 401
    users.revoke("bob", None, actor="grace")
    assert client.get("/api/v1/models", headers={"X-Remote-User": "bob"}).status_code == 401


def test_a_user_who_loses_the_last_role_is_not_given_that_of_strangers(make_app: MakeApp, demo_models: Path) -> None:
    app = make_app(models_dir=demo_models, auth="proxy", auth_proxy_role="predict")
    client, users = app.test_client(), app.extensions["scoredesk"].users
    users.create("bob", "gentoo walks to the sea", Grant(role=Role.PREDICT, model="penguins"), actor="grace")
    users.revoke("bob", "penguins", actor="grace")
    assert client.get("/api/v1/models", headers={"X-Remote-User": "bob"}).status_code == 403
    assert client.get("/api/v1/models", headers={"X-Remote-User": "eve"}).status_code == 200


def test_strangers_have_no_role_where_none_is_set(make_app: MakeApp, demo_models: Path) -> None:
    app = make_app(models_dir=demo_models, auth="proxy", auth_proxy_role="none")
    client = app.test_client()
    assert client.get("/api/v1/models", headers={"X-Remote-User": "eve"}).status_code == 403
    app.extensions["scoredesk"].users.grant("eve", Grant(role=Role.PREDICT, model="penguins"), actor="grace")
    assert client.get("/api/v1/models", headers={"X-Remote-User": "eve"}).status_code == 200


def test_the_proxys_header_is_refused_from_any_other_address(make_app: MakeApp, demo_models: Path) -> None:
    app = make_app(models_dir=demo_models, auth="proxy", proxy_hops=1)
    forged = {"X-Remote-User": "admin", "X-Forwarded-For": "127.0.0.1"}
    answer = app.test_client().get("/api/v1/models", headers=forged, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert answer.status_code == 403


def test_requests_are_counted_over_all_processes(make_app: MakeApp, demo_models: Path) -> None:
    first, second = (make_app(models_dir=demo_models, rate_limit=3).test_client() for _ in range(2))
    statuses = [client.get("/api/v1/models").status_code for client in (first, second) * 3]
    assert statuses.count(200) in (3, 4, 5, 6)
    refused = [client.get("/api/v1/models") for client in (first, second) * 3][-1]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.json["error"] == "Too many attempts. Please try again in a minute."
    assert first.get("/healthz").status_code == 200


def test_requests_from_one_ipv6_network_are_counted_together(make_app: MakeApp, demo_models: Path) -> None:
    client = make_app(models_dir=demo_models, rate_limit=3).test_client()

    def status(address: str) -> int:
        return client.get("/api/v1/models", environ_base={"REMOTE_ADDR": address}).status_code

    statuses = [status(f"2001:db8:0:7::{n:x}") for n in range(8)]
    # A new minute may begin meanwhile.
    assert statuses.count(200) in range(3, 7)
    assert status("2001:db8:0:8::1") == 200


@pytest.mark.parametrize(
    ("auth", "headers", "status"),
    [
        ("login", {"Authorization": "Bearer sd_000000000000_x"}, 401),
        ("proxy", {"Authorization": "Bearer sd_000000000000_x"}, 401),
        ("proxy", {"X-Remote-User": "no such name"}, 422),
    ],
)
def test_requests_that_say_wrongly_who_asks_are_counted_by_address(
    make_app: MakeApp, demo_models: Path, auth: str, headers: dict[str, str], status: int
) -> None:
    app = make_app(models_dir=demo_models, rate_limit=3, auth=auth)
    client, key = app.test_client(), app.extensions["scoredesk"].keys.make("nightly", Role.PREDICT)
    statuses = [client.get("/api/v1/models", headers=headers).status_code for _ in range(8)]
    # A new minute may begin meanwhile.
    assert statuses.count(status) in range(3, 7)
    assert statuses.count(429) == 8 - statuses.count(status)
    assert client.get("/api/v1/models", headers=bearer(key)).status_code == 200


def test_those_who_were_let_in_lately_are_answered_while_the_database_is_away(
    guarded: Flask, keys: dict[str, dict[str, str]], penguin: dict[str, Any], database_url: str, database_server: Any
) -> None:
    client, url = guarded.test_client(), "/api/v1/models/penguins/predict"
    assert client.post(url, json={"inputs": penguin}, headers=keys["predict"]).status_code == 200
    database_server.drop(database_url)
    kept = client.post(url, json={"inputs": penguin}, headers=keys["predict"])
    unknown = client.post(url, json={"inputs": penguin}, headers=keys["review"])
    assert (kept.status_code, unknown.status_code) == (200, 503)
    assert client.get(f"/api/v1/predictions/{kept.json['id']}", headers=keys["predict"]).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_the_description_holds_the_models_that_one_may_ask_and_says_that_a_key_is_needed(
    guarded: Flask, keys: dict[str, dict[str, str]]
) -> None:
    client = guarded.test_client()
    document = client.get("/openapi.json", headers=keys["predict"]).json
    predict = document["paths"]["/api/v1/models/penguins/predict"]["post"]
    assert (document["security"], {"401", "403", "429"} <= predict["responses"].keys()) == ([{"key": []}], True)
    assert document["paths"]["/healthz"]["get"]["security"] == []
    assert not [path for path in document["paths"] if "penguin-mass" in path]
    validate(document)
    everything = client.get("/openapi.json", headers=keys["admin of all models"]).json
    assert "/api/v1/models/penguin-mass/predict" in everything["paths"]
    page = client.get("/docs", headers=keys["predict"]).text
    assert "Authorization: Bearer $SCOREDESK_KEY" in page
    assert ("/api/v1/models/penguins/predict" in page, "penguin-mass" in page) == (True, False)
