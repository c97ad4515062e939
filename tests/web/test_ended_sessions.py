"""A session that ends while somebody fills in a form: nothing is lost, and nothing gets into an address."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.helpers.accounts import kept_forms
from webapp.helpers.accounts.roles import Grant, Role

PASSWORD = "gentoo walks to the sea"
COOKIE = "__Host-scoredesk"
HTTPS = "https://localhost"
URL = "/models/penguins"
NOWHERE = "postgresql://x@127.0.0.1:9/x"
BEFORE = "01a209d1-14c3-7000-8c4b-68060c25d92e"


@pytest.fixture
def app(make_app: MakeApp, demo_models: Path) -> Flask:
    """An app with a login and three users, of whom one may use another model only."""
    app = make_app(models_dir=demo_models, auth="login")
    users = app.extensions["scoredesk"].users
    users.create("ada", PASSWORD, Grant(role=Role.PREDICT), actor="grace")
    users.create("bob", PASSWORD, Grant(role=Role.PREDICT), actor="grace")
    users.create("eve", PASSWORD, Grant(role=Role.PREDICT, model="penguin-mass"), actor="grace")
    return app


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


def post(client: FlaskClient, path: str, data: dict[str, Any]) -> TestResponse:
    return client.post(path, data=data, base_url=HTTPS)


def log_in(client: FlaskClient, name: str = "ada", password: str = PASSWORD, **fields: str) -> TestResponse:
    return post(client, "/login", {"name": name, "password": password} | fields)


def hidden(answer: TestResponse) -> dict[str, str]:
    """Return the hidden fields of the form of the login."""
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form[action='/login']")
    assert isinstance(form, Tag)
    return {str(each["name"]): str(each["value"]) for each in form.select("input[type=hidden]")}


def entered(answer: TestResponse) -> dict[str, str]:
    """Return what a form on a page is filled in with."""
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert isinstance(form, Tag)
    found = form.select("input[type=text][value], input[checked]")
    return {str(each["name"]): str(each["value"]) for each in found if each["value"]}


def count(app: Flask) -> int:
    services = app.extensions["scoredesk"]
    with services.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM predictions").scalar_one())


@pytest.fixture
def ended(client: FlaskClient, penguin: dict[str, Any]) -> TestResponse:
    """The answer to a form that ada sent after her session had ended."""
    log_in(client)
    token = client.get_cookie(COOKIE).value  # type: ignore[union-attr]
    services = client.application.extensions["scoredesk"]
    with services.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE sessions SET seen_at = seen_at - interval '1 day'")
    assert services.sessions.find(token) is None
    return post(client, f"{URL}?beside={BEFORE}", penguin)


def test_the_login_comes_in_the_place_of_the_answer_and_after_it_the_form_as_it_was_filled_in(
    client: FlaskClient, app: Flask, ended: TestResponse, penguin: dict[str, Any]
) -> None:
    assert (ended.status_code, ended.headers["Cache-Control"]) == (401, "no-store")
    assert "Log in again; what you entered is kept" in ended.text
    answer = log_in(client, **hidden(ended))
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert entered(answer) == {name: str(value) for name, value in penguin.items()}
    assert count(app) == 0
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert form is not None
    assert form["action"] == f"{URL}?beside={BEFORE}"
    assert post(client, str(form["action"]), entered(answer)).status_code == 303
    assert count(app) == 1


def test_a_wrong_password_loses_nothing(client: FlaskClient, ended: TestResponse, penguin: dict[str, Any]) -> None:
    refused = log_in(client, password="wrong", **hidden(ended))
    assert (refused.status_code, hidden(refused)) == (401, hidden(ended))
    assert entered(log_in(client, **hidden(refused))) == {name: str(value) for name, value in penguin.items()}


def test_the_page_of_the_login_shows_nothing_of_what_was_entered(ended: TestResponse) -> None:
    assert "Torgersen" not in ended.text
    assert "39.1" not in ended.text
    assert b"Torgersen" not in urlsafe_b64decode(hidden(ended)["kept"])


@pytest.mark.parametrize("name", ["bob", "eve"])
def test_another_user_does_not_see_it(client: FlaskClient, ended: TestResponse, name: str) -> None:
    answer = log_in(client, name=name, **hidden(ended))
    assert (answer.status_code, answer.headers["Location"]) == (303, URL)
    assert client.get_cookie(COOKIE) is not None


def test_whoever_may_not_use_the_model_does_not_get_its_form(
    app: Flask, client: FlaskClient, penguin: dict[str, Any]
) -> None:
    unknown = post(client, URL, penguin)
    assert log_in(app.test_client(), name="eve", **hidden(unknown)).status_code == 303
    assert log_in(app.test_client(), name="bob", **hidden(unknown)).status_code == 200


def test_what_was_changed_or_made_up_or_is_too_old_is_not_shown(
    client: FlaskClient, ended: TestResponse, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = hidden(ended)
    for text in ("", "x", "Zm9ybQ==", kept["kept"][:-9] + "AAAAAAA==", "é"):
        assert log_in(client, **kept | {"kept": text}).status_code == 303
    assert log_in(client, **kept).status_code == 200
    monkeypatch.setattr(kept_forms, "KEPT_HOURS", -1)
    assert log_in(client, **kept).status_code == 303


def test_a_model_that_is_gone_by_then_loses_nothing(
    client: FlaskClient, app: Flask, ended: TestResponse, penguin: dict[str, Any]
) -> None:
    app.extensions["scoredesk"].promoter.unload("penguins", actor=None)
    answer = log_in(client, **hidden(ended))
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert form is not None
    assert (answer.status_code, form["action"]) == (503, f"{URL}?beside={BEFORE}")
    assert {each["name"]: each["value"] for each in form.select("input")} == {
        name: str(value) for name, value in penguin.items()
    }
    assert client.get("/", base_url=HTTPS).status_code == 200


def test_a_script_with_a_wrong_key_gets_no_page_of_the_login(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, data=penguin, headers={"Authorization": "Bearer sd_no"}, base_url=HTTPS)
    assert (answer.status_code, "kept" in answer.text) == (401, False)


def test_behind_a_proxy_that_asks_for_the_login_the_form_can_be_sent_again(
    make_app: MakeApp, demo_models: Path, penguin: dict[str, Any]
) -> None:
    client = make_app(models_dir=demo_models, auth="proxy").test_client()
    answer = client.post(URL, data=penguin)
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert form is not None
    data = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    assert (answer.status_code, form["action"]) == (401, URL)
    sent = client.post(URL, data=data, headers={"X-Remote-User": "ada"})
    assert sent.status_code == 303


def test_while_nobody_can_be_recognised_nothing_is_lost(
    make_app: MakeApp, demo_models: Path, penguin: dict[str, Any]
) -> None:
    client = make_app(models_dir=demo_models, auth="login", database_url=NOWHERE).test_client()
    client.set_cookie(COOKIE, "unknown", secure=True)
    answer = client.post(URL, data=penguin, base_url=HTTPS)
    form = BeautifulSoup(answer.text, "html.parser").select_one("main form")
    assert form is not None
    assert (answer.status_code, form.button.text) == (503, "Try again")  # type: ignore[union-attr]
    assert form.select_one("[name=island]")["value"] == "Torgersen"  # type: ignore[index]


def test_what_is_too_long_for_the_login_can_be_sent_again_after_a_login_elsewhere(
    make_app: MakeApp, demo_models: Path, penguin: dict[str, Any]
) -> None:
    app = make_app(models_dir=demo_models, auth="login", max_content_length=4096)
    app.extensions["scoredesk"].users.create("ada", PASSWORD, Grant(role=Role.PREDICT), actor="grace")
    client = app.test_client()
    answer = post(client, URL, penguin | {"island": "x" * 3000})
    page = BeautifulSoup(answer.text, "html.parser")
    link, form = page.select_one("main a[target=_blank]"), page.select_one("main form")
    assert link is not None
    assert form is not None
    assert (answer.status_code, link["href"], form["action"]) == (401, "/login", URL)
    assert log_in(client).status_code == 303
    data = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    assert post(client, str(form["action"]), data | {"island": "Dream"}).status_code == 303
