"""A login that meets a change of its password at the same time keeps no session."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.conftest import MakeApp
from webapp.errors import LoginRefused
from webapp.helpers.accounts.roles import Grant, Role
from webapp.services.accounts import sessions
from webapp.services.accounts.users import Authenticated, Users
from webapp.services.wiring import Services

PASSWORD, NEW_PASSWORD, ADDRESS = "gentoo walks to the sea", "adelie swims in the cold", "203.0.113.7"
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def services(make_app: MakeApp) -> Services:
    app: Flask = make_app()
    services: Services = app.extensions["scoredesk"]
    services.users.create("ada", PASSWORD, Grant(role=Role.PREDICT), actor="grace")
    return services


def change(services: Services, what: str) -> None:
    if what == "password":
        services.users.set_password("ada", NEW_PASSWORD, actor="grace")
    else:
        services.users.disable("ada", actor="grace")


def log_in(services: Services, password: str = PASSWORD) -> str:
    return services.login.log_in("ada", password, address=ADDRESS, old_token=None)


def count(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        return len(connection.execute(query).fetchall())


@pytest.mark.parametrize("what", ["password", "disabled"])
def test_one_that_begins_its_session_after_the_change_is_refused(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    authenticate = Users.authenticate

    def overtaken(self: Users, name: str, password: str) -> Authenticated:
        found = authenticate(self, name, password)
        change(services, what)
        return found

    monkeypatch.setattr(Users, "authenticate", overtaken)
    with pytest.raises(LoginRefused):
        log_in(services)
    assert count(database_url, "SELECT 1 FROM sessions") == 0
    assert services.audit.page()[0].action == "was refused at login"


@pytest.mark.parametrize("what", ["password", "disabled"])
def test_one_that_begins_its_session_before_the_change_loses_it(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    changing = threading.Thread(target=change, args=(services, what))
    record_in = sessions.record_in

    def wait_for_the_change(*args: Any, **details: Any) -> None:
        """Just before the session is committed, let the change come as far as it can."""
        changing.start()
        deadline = time.monotonic() + 20
        while not count(database_url, WAITING):
            assert changing.is_alive(), "The change did not wait for the login"
            assert time.monotonic() < deadline, "The change did not begin"
            time.sleep(0.01)
        record_in(*args, **details)

    monkeypatch.setattr(sessions, "record_in", wait_for_the_change)
    token = log_in(services)
    changing.join(timeout=20)
    assert not changing.is_alive()
    assert services.sessions.find(token) is None
    assert count(database_url, "SELECT 1 FROM sessions") == 0
    actions = [event.action for event in services.audit.page()]
    assert actions[:2] == ["changed a user", "logged in"]
