"""Users in the browser: created with a link, disabled, given roles; and what the audit log says of it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.helpers.accounts.roles import Grant, Role
from webapp.services.wiring import Services

PASSWORD, CHOSEN = "gentoo walks to the sea", "macaroni in the wind"
HTTPS = "https://localhost"


@pytest.fixture
def app(make_app: MakeApp, demo_models: Path) -> Flask:
    """An app with a login and one admin."""
    app = make_app(models_dir=demo_models, auth="login")
    services(app).users.create("ada", PASSWORD, Grant(role=Role.ADMIN), actor="grace")
    return app


@pytest.fixture
def ada(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, "ada", PASSWORD) == 303
    return client


def services(app: Flask) -> Services:
    found: Services = app.extensions["scoredesk"]
    return found


def log_in(client: FlaskClient, name: str, password: str) -> int:
    return client.post("/login", data={"name": name, "password": password}, base_url=HTTPS).status_code


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    return client.post(path, data=form, base_url=HTTPS)


def get(client: FlaskClient, path: str) -> TestResponse:
    return client.get(path, base_url=HTTPS)


def said(answer: TestResponse) -> str:
    return BeautifulSoup(answer.text, "html.parser").select_one(".problem").get_text(strip=True)


def link_in(answer: TestResponse) -> str:
    """The path and query of the link that a page shows."""
    assert answer.status_code == 200
    address = urlsplit(BeautifulSoup(answer.text, "html.parser").select_one(".caution code").text)
    assert (address.scheme, address.netloc, address.path) == ("https", "localhost", "/password")
    return f"{address.path}?{address.query}"


def invite(client: FlaskClient, name: str = "bob", role: str = "predict", model: str = "") -> str:
    return link_in(send(client, "/users", name=name, role=role, model=model))


def choose(app: Flask, link: str, password: str = CHOSEN) -> TestResponse:
    return send(app.test_client(), "/password", token=link.partition("token=")[2], new_password=password)


def events(client: FlaskClient) -> list[str]:
    """What the audit page tells, the newest first, without logins."""
    rows = BeautifulSoup(get(client, "/audit").text, "html.parser").select("tbody tr")
    told = [" ".join(cell.get_text(strip=True) for cell in row.select("td")) for row in rows]
    return [each for each in told if not each.endswith(("logged in", "logged out"))]


def test_a_new_user_chooses_a_password_with_a_link(app: Flask, ada: FlaskClient) -> None:
    link = invite(ada, "Bob", "review", "penguins")
    bob = app.test_client()
    assert log_in(bob, "bob", CHOSEN) == 401
    page = BeautifulSoup(get(bob, link).text, "html.parser")
    assert page.select_one("input[name=name]")["value"] == "bob"
    answer = choose(app, link)
    assert (answer.status_code, "Your password is set. Log in with it." in answer.text) == (200, True)
    assert log_in(bob, "bob", CHOSEN) == 303
    assert get(bob, "/models/penguins").status_code == 200
    assert get(bob, "/models/penguin-mass").status_code == 403


def test_a_link_is_not_used_up_by_looking_at_it_and_works_once(app: Flask, ada: FlaskClient) -> None:
    link = invite(ada)
    assert [get(app.test_client(), link).status_code for _ in range(2)] == [200, 200]
    assert choose(app, link).status_code == 200
    for answer in (get(app.test_client(), link), choose(app, link, PASSWORD)):
        assert (answer.status_code, "Ask an administrator for a new one" in answer.text) == (410, True)
    assert log_in(app.test_client(), "bob", CHOSEN) == 303


def test_a_weak_password_leaves_the_link_as_it_was(app: Flask, ada: FlaskClient) -> None:
    link = invite(ada)
    weak = choose(app, link, "password1234")
    assert (weak.status_code, "easy to guess" in said(weak)) == (422, True)
    assert choose(app, link).status_code == 200


def test_a_link_expires_after_a_day(app: Flask, ada: FlaskClient, database_url: str) -> None:
    link = invite(ada)
    with psycopg.connect(database_url) as owner:
        left = owner.execute("SELECT expires_at - now() < '24 hours' FROM password_links").fetchone()
        owner.execute("UPDATE password_links SET expires_at = now()")
    assert left == (True,)
    assert choose(app, link).status_code == 410


def test_a_new_link_ends_the_one_before(app: Flask, ada: FlaskClient) -> None:
    first = invite(ada)
    second = link_in(send(ada, "/users/bob/link"))
    assert choose(app, first).status_code == 410
    assert choose(app, second).status_code == 200


def test_a_reset_password_stays_until_its_link_is_used_which_ends_all_sessions(app: Flask, ada: FlaskClient) -> None:
    choose(app, invite(ada))
    bob = app.test_client()
    log_in(bob, "bob", CHOSEN)
    link = link_in(send(ada, "/users/bob/link"))
    assert get(bob, "/").status_code == 200
    assert choose(app, link, PASSWORD).status_code == 200
    assert get(bob, "/").status_code == 303
    assert (log_in(bob, "bob", CHOSEN), log_in(bob, "bob", PASSWORD)) == (401, 303)


def test_whoever_changes_the_password_ends_a_link_to_choose_another(app: Flask, ada: FlaskClient) -> None:
    choose(app, invite(ada))
    link = link_in(send(ada, "/users/bob/link"))
    bob = app.test_client()
    log_in(bob, "bob", CHOSEN)
    assert send(bob, "/account", password=CHOSEN, new_password=PASSWORD).status_code == 303
    assert choose(app, link).status_code == 410


def test_only_a_digest_of_a_link_is_kept(ada: FlaskClient, database_url: str) -> None:
    token = invite(ada).partition("token=")[2]
    with psycopg.connect(database_url) as owner:
        tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        kept = [owner.execute(f"SELECT t::text FROM {table} AS t").fetchall() for (table,) in tables]  # noqa: S608
    assert "bob" in str(kept)
    assert token not in str(kept)


def test_no_line_of_the_log_holds_a_link(
    make_app: MakeApp, demo_models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(models_dir=demo_models, auth="login", access_log=True)
    services(app).users.create("ada", PASSWORD, Grant(role=Role.ADMIN), actor="grace")
    client = app.test_client()
    log_in(client, "ada", PASSWORD)
    link = invite(client)
    get(client, link)
    choose(app, link)
    lines = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    assert any("/password" in line for line in lines)
    assert not any(link.partition("token=")[2] in line for line in lines)


def test_a_disabled_user_is_out_at_once_with_all_sessions_and_links(app: Flask, ada: FlaskClient) -> None:
    choose(app, invite(ada))
    browsers = [app.test_client() for _ in range(2)]
    for browser in browsers:
        log_in(browser, "bob", CHOSEN)
    link = link_in(send(ada, "/users/bob/link"))
    assert send(ada, "/users/bob/disable").status_code == 303
    assert [get(browser, "/").status_code for browser in browsers] == [303, 303]
    assert (log_in(browsers[0], "bob", CHOSEN), choose(app, link).status_code) == (401, 410)
    refused = send(ada, "/users/bob/link")
    assert (refused.status_code, said(refused)) == (422, "This user is disabled. First enable the user.")
    assert send(ada, "/users/bob/enable").status_code == 303
    assert [get(browser, "/").status_code for browser in browsers] == [303, 303]
    assert (log_in(browsers[0], "bob", CHOSEN), choose(app, link).status_code) == (303, 410)


def test_roles_are_given_and_taken_away(app: Flask, ada: FlaskClient) -> None:
    choose(app, invite(ada, model="penguins"))
    bob = app.test_client()
    log_in(bob, "bob", CHOSEN)
    assert get(bob, "/models/penguin-mass").status_code == 403
    assert send(ada, "/users/bob/grant", role="predict", model="penguin-mass").status_code == 303
    assert get(bob, "/models/penguin-mass").status_code == 200
    assert send(ada, "/users/bob/revoke", model="penguins").status_code == 303
    assert get(bob, "/models/penguins").status_code == 403
    wrong = send(ada, "/users/bob/grant", role="owner")
    assert (wrong.status_code, said(wrong)) == (422, "The role must be one of predict, review, admin.")


def test_a_name_is_given_once(ada: FlaskClient) -> None:
    invite(ada)
    again = send(ada, "/users", name="BOB", role="admin")
    assert (again.status_code, said(again)) == (422, "There is a user of this name.")


LAST = "Nobody could administer Scoredesk after this. First make another user an admin of all models."


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/users/ada/disable", {}),
        ("/users/ada/revoke", {"model": ""}),
        ("/users/ada/grant", {"role": "review", "model": ""}),
    ],
)
def test_the_last_admin_stays_one(app: Flask, ada: FlaskClient, path: str, form: dict[str, str]) -> None:
    # These can't administer: one only a model, one without a password yet, one who is disabled.
    choose(app, invite(ada, "bob", "admin", "penguins"))
    invite(ada, "eve", "admin")
    choose(app, invite(ada, "max", "admin"))
    send(ada, "/users/max/disable")
    refused = send(ada, path, **form)
    assert (refused.status_code, said(refused)) == (409, LAST)
    assert get(ada, "/users").status_code == 200
    send(ada, "/users/max/enable")
    assert send(ada, path, **form).status_code == 303


def test_a_key_that_may_administer_can_not_disable_the_last_admin_either(app: Flask) -> None:
    key = services(app).keys.make("nightly", Role.ADMIN)
    headers = {"Authorization": f"Bearer {key}"}
    assert app.test_client().post("/users/ada/disable", headers=headers).status_code == 409


def test_a_page_of_another_site_changes_no_user(app: Flask, ada: FlaskClient) -> None:
    for path in ("/users", "/users/ada/disable", "/users/ada/grant", "/password"):
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert ada.post(path, data={"name": "bob", "role": "admin"}, headers=headers, base_url=HTTPS).status_code == 403
    assert [user.name for user in services(app).users.all()] == ["ada"]


def test_the_audit_log_tells_all_of_it_in_words(app: Flask, ada: FlaskClient) -> None:
    link = invite(ada, model="penguins")
    choose(app, link)
    send(ada, "/users/bob/link")
    send(ada, "/users/bob/grant", role="review")
    send(ada, "/users/bob/revoke", model="penguins")
    send(ada, "/users/bob/disable")
    send(ada, "/users/bob/enable")
    services(app).users.set_password("bob", PASSWORD, actor="grace")
    assert events(ada) == [
        "grace changed the password of bob",
        "ada enabled the user bob",
        "ada disabled the user bob",
        "ada took away the role of bob for penguins",
        "ada gave bob the role review for all models",
        "ada made a link with which bob can choose a password",
        "bob chose a password with a link",
        "ada created the user bob, with the role predict for penguins, who chooses a password with a link",
        "grace created the user ada, with the role admin for all models",
    ]


def test_behind_a_proxy_names_are_given_roles(make_app: MakeApp, demo_models: Path) -> None:
    app = make_app(models_dir=demo_models, auth="proxy", auth_proxy_role="none")
    client, admin = app.test_client(), {"X-Remote-User": "ada"}
    services(app).users.grant("ada", Grant(role=Role.ADMIN), actor="grace")
    given = client.post("/users/roles", data={"name": "Bob", "role": "predict", "model": "penguins"}, headers=admin)
    assert given.status_code == 303
    assert client.get("/models/penguins", headers={"X-Remote-User": "bob"}).status_code == 200
    assert "predict: penguins" in client.get("/users", headers=admin).text
    assert "Give a role to a name" in client.get("/users", headers=admin).text
    gone = client.post("/users/bob/revoke", data={"model": "penguins"}, headers=admin)
    assert (gone.status_code, gone.headers["Location"]) == (303, "/users")
    assert client.get("/models/penguins", headers={"X-Remote-User": "bob"}).status_code == 403
    last = client.post("/users/ada/revoke", data={"model": ""}, headers=admin)
    assert last.status_code == 409


def test_people_log_out_in_the_header_of_each_page(ada: FlaskClient) -> None:
    for path in ("/", "/predictions", "/models/penguins"):
        form = BeautifulSoup(get(ada, path).text, "html.parser").select_one("header form[method=post]")
        assert (form["method"], form["action"], form.button.text) == ("post", "/logout", "Log out")
    assert send(ada, "/logout").status_code == 303
    assert get(ada, "/").status_code == 303


def test_without_a_login_there_is_nothing_to_log_out_of(make_app: MakeApp, demo_models: Path) -> None:
    assert "/logout" not in make_app(models_dir=demo_models).test_client().get("/").text
