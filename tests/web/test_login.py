"""Logging in and out, over HTTP."""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.errors import LoginRefused
from webapp.helpers.accounts.roles import Grant, Role
from webapp.services.accounts import Users
from webapp.services.accounts.login import MAX_AT_ONCE

PASSWORD = "gentoo walks to the sea"
COOKIE = "__Host-scoredesk"
HTTPS = "https://localhost"


@pytest.fixture
def app(make_app: MakeApp, demo_models: Path) -> Flask:
    """An app with a login and two users."""
    app = make_app(models_dir=demo_models, auth="login")
    users = app.extensions["scoredesk"].users
    users.create("ada", PASSWORD, Grant(role=Role.ADMIN), actor="grace")
    users.create("bob", PASSWORD + "!", Grant(role=Role.PREDICT, model="penguins"), actor="grace")
    return app


def log_in(client: FlaskClient, name: str = "ada", password: str = PASSWORD, next: str = "") -> TestResponse:
    return client.post("/login", data={"name": name, "password": password, "next": next}, base_url=HTTPS)


def log_in_from(app: Flask, address: str, password: str = PASSWORD, name: str = "ada") -> TestResponse:
    data, sender = {"name": name, "password": password}, {"REMOTE_ADDR": address}
    return app.test_client().post("/login", data=data, base_url=HTTPS, environ_base=sender)


def when_it_is_less_busy(ask: Callable[[], TestResponse]) -> TestResponse:
    """Ask again and again as long as too many others are at it."""
    while (answer := ask()).status_code == 503:
        time.sleep(0.01)
    return answer


def get(client: FlaskClient, path: str = "/") -> TestResponse:
    return client.get(path, base_url=HTTPS)


def token(client: FlaskClient) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def test_whoever_has_the_password_is_let_in(client: FlaskClient) -> None:
    assert get(client).status_code == 303
    answer = log_in(client, next="/models/penguins?island=Dream")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/models/penguins?island=Dream")
    set_cookie = answer.headers["Set-Cookie"]
    assert set_cookie.startswith(f"{COOKIE}=")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert word in set_cookie
    assert "Domain" not in set_cookie
    page = BeautifulSoup(get(client).text, "html.parser")
    assert "ada" in page.nav.text


def test_a_name_may_be_written_in_capitals(client: FlaskClient) -> None:
    assert log_in(client, name=" Ada ").status_code == 303


@pytest.mark.parametrize(
    ("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ada", PASSWORD + "!")]
)
def test_whoever_has_not_is_told_the_same_whatever_was_wrong(client: FlaskClient, name: str, password: str) -> None:
    answer = log_in(client, name, password)
    page = BeautifulSoup(answer.text, "html.parser")
    assert (answer.status_code, page.select_one(".problem").text.strip()) == (
        401,
        "Wrong name or password.",
    )
    assert page.title.text.startswith("Error: ")
    assert client.get_cookie(COOKIE) is None


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/a\nb"])
def test_it_leads_to_no_other_site(client: FlaskClient, next: str) -> None:
    assert log_in(client, next=next).headers["Location"] == "/"


def test_a_login_makes_a_new_token_and_ends_the_old_one(client: FlaskClient) -> None:
    client.set_cookie(COOKIE, "chosen by somebody else", secure=True)
    log_in(client)
    first = token(client)
    assert first != "chosen by somebody else"
    log_in(client)
    assert token(client) != first
    client.set_cookie(COOKIE, first, secure=True)
    assert get(client).status_code == 303


def test_after_logging_out_the_cookie_opens_nothing(client: FlaskClient) -> None:
    log_in(client)
    kept = token(client)
    client.post("/logout", base_url=HTTPS)
    assert client.get_cookie(COOKIE) is None
    client.set_cookie(COOKIE, kept, secure=True)
    assert get(client).status_code == 303


def test_no_token_is_in_the_database(client: FlaskClient, database_url: str) -> None:
    log_in(client)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT sessions::text FROM sessions").fetchall()
        hashes = connection.execute("SELECT password_hash FROM users").fetchall()
    assert token(client) not in str(rows)
    assert all(each.startswith("$argon2id$") for (each,) in hashes)


@pytest.mark.usefixtures("real_passwords")
def test_passwords_are_hashed_with_the_memory_and_the_passes_of_rfc_9106(app: Flask, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        hashes = connection.execute("SELECT password_hash FROM users").fetchall()
    assert all(each.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for (each,) in hashes)


@pytest.mark.parametrize("column", ["seen_at", "created_at"])
def test_a_session_ends_by_itself(client: FlaskClient, database_url: str, column: str) -> None:
    log_in(client)
    with psycopg.connect(database_url) as connection:
        connection.execute(f"UPDATE sessions SET {column} = now() - interval '13 hours'")  # noqa: S608
    assert get(client).status_code == 303


def test_a_disabled_user_is_out_at_once(app: Flask, client: FlaskClient) -> None:
    log_in(client, "bob", PASSWORD + "!")
    app.extensions["scoredesk"].users.disable("bob", actor="grace")
    assert get(client).status_code == 303
    assert log_in(client, "bob", PASSWORD + "!").status_code == 401


def test_addresses_for_scripts_take_no_cookie(client: FlaskClient, penguin: dict[str, Any]) -> None:
    log_in(client)
    answer = client.post("/api/v1/models/penguins/predict", json={"inputs": penguin}, base_url=HTTPS)
    assert answer.status_code == 401


def test_a_new_password_ends_all_sessions(app: Flask, client: FlaskClient) -> None:
    other = app.test_client()
    log_in(client)
    log_in(other)
    wrong = client.post("/account", data={"password": "x", "new_password": "macaroni in the wind"}, base_url=HTTPS)
    assert (wrong.status_code, "The current password is wrong." in wrong.text) == (422, True)
    weak = client.post("/account", data={"password": PASSWORD, "new_password": "password1234"}, base_url=HTTPS)
    assert (weak.status_code, "easy to guess" in weak.text) == (422, True)
    new = {"password": PASSWORD, "new_password": "macaroni in the wind"}
    assert client.post("/account", data=new, base_url=HTTPS).status_code == 303
    assert get(client).status_code == get(other).status_code == 303
    assert log_in(client, "ada", "macaroni in the wind").status_code == 303


def test_guessing_is_stopped_for_all_processes(app: Flask, make_app: MakeApp, demo_models: Path) -> None:
    other = make_app(models_dir=demo_models, auth="login").test_client()
    client = app.test_client()
    statuses = [log_in(each, "ada", "wrong").status_code for each in (client, other) * 11]
    assert statuses.count(401) in range(10, 21)
    refused = log_in(client)
    if refused.status_code == 303:
        # A new quarter of an hour has just begun.
        refused = [log_in(client, "ada", "wrong") for _ in range(11)][-1]
    assert refused.status_code == 429
    assert log_in(client, "bob", PASSWORD + "!").status_code == 303


def at_once(work: Callable[[int], int], times: int) -> list[int]:
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(work, range(times)))


def test_many_guesses_at_once_get_no_more_than_one_after_the_other(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []

    def take_a_while(self: Users, name: str, password: str) -> UUID:
        looked_at.append(password)
        time.sleep(0.3)
        raise LoginRefused

    monkeypatch.setattr(Users, "authenticate", take_a_while)

    def guess(n: int) -> int:
        return when_it_is_less_busy(lambda: log_in(app.test_client(), "ada", f"wrong {n}")).status_code

    statuses = at_once(guess, 24)
    # A new quarter of an hour may begin meanwhile.
    assert len(looked_at) in range(10, 21)
    assert sorted(statuses) == [401] * len(looked_at) + [429] * (24 - len(looked_at))


def test_guesses_where_the_password_is_changed_are_counted_with_those_at_the_login(app: Flask) -> None:
    client = app.test_client()
    log_in(client)
    kept = token(client)

    def guess(n: int) -> int:
        each = app.test_client()
        each.set_cookie(COOKIE, kept, secure=True)
        new = {"password": f"wrong {n}", "new_password": "macaroni in the wind"}
        return when_it_is_less_busy(lambda: each.post("/account", data=new, base_url=HTTPS)).status_code

    statuses = at_once(guess, 24)
    assert statuses.count(422) in range(10, 21)
    assert statuses.count(429) == 24 - statuses.count(422)
    if statuses.count(422) == 10:
        assert log_in(app.test_client()).status_code == 429
    what = [event for event in app.extensions["scoredesk"].audit.page() if event.action.startswith("gave a wrong")]
    assert [event.actor for event in what] == ["ada"] * statuses.count(422)


def test_a_right_password_after_nine_wrong_ones_still_logs_in_and_begins_the_count_anew(client: FlaskClient) -> None:
    for _ in range(2):
        assert [log_in(client, "ada", "wrong").status_code for _ in range(9)] == [401] * 9
        assert log_in(client).status_code == 303


def test_wrong_passwords_are_counted_for_an_address_and_right_ones_are_not(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.accounts.login.MAX_BY_ADDRESS", 3)
    assert [log_in(client).status_code for _ in range(5)] == [303] * 5
    statuses = [log_in(client, f"nobody-{n}", "wrong").status_code for n in range(7)]
    # A new quarter of an hour may begin meanwhile.
    assert statuses.count(401) in range(3, 7)
    assert log_in(client).status_code == (429 if statuses[-1] == 429 else 303)


def test_a_few_wait_for_their_turn_and_the_rest_is_sent_away_at_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticate, begun, goes_on = Users.authenticate, threading.Semaphore(0), threading.Event()

    def wait(self: Users, name: str, password: str) -> Any:
        begun.release()
        assert goes_on.wait(timeout=60)
        return authenticate(self, name, password)

    monkeypatch.setattr(Users, "authenticate", wait)
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(log_in, app.test_client()) for _ in range(MAX_AT_ONCE)]
        assert all(begun.acquire(timeout=60) for _ in waiting)
        refused = [log_in(app.test_client()) for _ in range(16)]
        refused.append(app.test_client().post("/login", data={"name": "bob", "password": "x"}, base_url=HTTPS))
        assert not any(each.done() for each in waiting)
        goes_on.set()
        assert [each.result(timeout=60).status_code for each in waiting] == [303] * MAX_AT_ONCE
    assert {(each.status_code, each.headers["Retry-After"]) for each in refused} == {(503, "2")}
    page = BeautifulSoup(refused[0].text, "html.parser")
    assert page.select_one(".problem").text.strip() == (
        "Many people are logging in right now. Please try again in a moment."
    )
    assert page.select_one("#name")["value"] == "ada"
    # They were not counted as wrong ones.
    assert [log_in(app.test_client(), "ada", "wrong").status_code for _ in range(3)] == [401] * 3
    assert log_in(app.test_client()).status_code == 303


def wrong_ones(app: Flask, address: str, count: int) -> set[int]:
    return {log_in_from(app, address, "wrong").status_code for _ in range(count)}


def test_a_stranger_at_another_address_does_not_keep_a_user_out(app: Flask) -> None:
    assert 429 in wrong_ones(app, "203.0.113.7", 22)
    assert log_in_from(app, "198.51.100.1").status_code == 303


def test_strangers_at_many_addresses_keep_no_user_out_where_the_user_logged_in_lately(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.accounts.login.MAX_BY_NAME", 5)
    assert log_in_from(app, "198.51.100.1").status_code == 303
    statuses = [log_in_from(app, f"203.0.113.{n}", "wrong").status_code for n in range(12)]
    # A new quarter of an hour may begin meanwhile.
    assert statuses.count(401) in range(5, 11)
    if statuses[-1] == 429:
        assert log_in_from(app, "198.51.100.2").status_code == 429
    assert log_in_from(app, "198.51.100.1").status_code == 303
    # What is known of one user's address helps no other name there.
    assert log_in_from(app, "198.51.100.1", "wrong", name="bob").status_code == 401


def test_an_ipv6_address_is_counted_with_all_of_its_network(app: Flask) -> None:
    statuses = [log_in_from(app, f"2001:db8:0:7::{n:x}", "wrong").status_code for n in range(22)]
    assert statuses.count(401) in range(10, 21)
    assert 429 in statuses
    assert log_in_from(app, "2001:db8:0:8::1").status_code == 303


def test_one_who_tried_too_often_is_told_when_to_try_again(app: Flask) -> None:
    refused = next(each for _ in range(22) if (each := log_in_from(app, "203.0.113.7", "wrong")).status_code == 429)
    seconds = int(refused.headers["Retry-After"])
    assert 1 <= seconds <= 900
    minutes = math.ceil(seconds / 60)
    when = f"{minutes} minutes" if minutes > 1 else "a minute"
    said = BeautifulSoup(refused.text, "html.parser").select_one(".problem").text.strip()
    assert said == f"Too many attempts. Please try again in {when}."


@pytest.mark.usefixtures("real_passwords")
def test_an_unknown_name_takes_as_long_as_a_known_one(client: FlaskClient) -> None:
    def seconds(name: str) -> float:
        began = time.perf_counter()
        log_in(client, name, "wrong")
        return time.perf_counter() - began

    seconds("nobody")
    known, unknown = ([seconds(name) for _ in range(5)] for name in ("bob", "nobody-else"))
    assert 0.5 < statistics.median(known) / statistics.median(unknown) < 2


def test_what_happened_at_the_door_is_in_the_audit(client: FlaskClient) -> None:
    log_in(client, "ada", "wrong")
    log_in(client)
    client.post("/logout", base_url=HTTPS)
    log_in(client)
    rows = BeautifulSoup(get(client, "/audit").text, "html.parser").select("tbody tr")
    assert [row.select("td")[1].text.strip() for row in rows] == [
        "logged in",
        "logged out",
        "logged in",
        "was refused at login",
        "created the user bob, with the role predict for penguins",
        "created the user ada, with the role admin for all models",
    ]


def test_an_administrator_makes_and_revokes_keys_on_a_page(app: Flask, client: FlaskClient) -> None:
    log_in(client)
    data = {"name": "nightly", "role": "predict", "model": "penguins", "days": "30"}
    page = BeautifulSoup(client.post("/keys", data=data, base_url=HTTPS).text, "html.parser")
    key = page.select_one(".caution code").text
    script = app.test_client()
    headers = {"Authorization": f"Bearer {key}"}
    assert script.get("/api/v1/models/penguins", headers=headers).status_code == 200
    assert script.get("/api/v1/models/penguin-mass", headers=headers).status_code == 403
    again = BeautifulSoup(get(client, "/keys").text, "html.parser")
    assert key not in again.text
    id = key.split("_")[1]
    row = again.select_one("tbody tr").text
    made = app.extensions["scoredesk"].keys.all()[0].created_at
    assert (id in row, "by ada" in row, f"{made:%Y}" in row) == (True, True, True)
    assert f"made a key: nightly; id {id}" in get(client, "/audit").text
    client.post(again.select_one("tbody form")["action"], base_url=HTTPS)
    assert script.get("/api/v1/models/penguins", headers=headers).status_code == 401
    assert "revoked a key" in get(client, "/audit").text
    wrong = client.post("/keys", data={"name": "b a d", "role": "predict"}, base_url=HTTPS)
    assert (wrong.status_code, "A name has" in wrong.text) == (422, True)
    client.post("/keys", data=data, base_url=HTTPS)
    other = client.post("/keys", data=data | {"model": ""}, base_url=HTTPS)
    assert (other.status_code, "another role or other models (predict: penguins)" in other.text) == (422, True)


def test_those_pages_are_for_administrators_alone(app: Flask) -> None:
    client = app.test_client()
    log_in(client, "bob", PASSWORD + "!")
    assert [get(client, path).status_code for path in ("/keys", "/users", "/audit")] == [403, 403, 403]
    assert "API keys" not in get(client).text
    assert get(client, "/models/penguins").status_code == 200
    assert get(client, "/models/penguin-mass").status_code == 403


def test_users_are_listed(client: FlaskClient) -> None:
    log_in(client)
    rows = BeautifulSoup(get(client, "/users").text, "html.parser").select("tbody tr")
    assert [row.th.text for row in rows] == ["ada", "bob"]
    assert "predict: penguins" in rows[1].text


def test_the_login_shows_no_links_that_need_one(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/login").text, "html.parser")
    assert {link["href"] for link in page.select("a")} == {"#main", "/"}
