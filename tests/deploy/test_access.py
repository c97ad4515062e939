"""Who may do what, from outside: through nginx, over two workers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from tests.conftest import SECRET
from tests.nginx import FORM, PUBLIC, Answer, Site, nginx_before
from tests.serving import free_port, serving
from webapp import create_app
from webapp.config import Settings
from webapp.helpers.accounts.roles import Grant, Role

PASSWORD = "gentoo walks to the sea"
PREDICT = "/api/v1/models/penguins/predict"
BODY = json.dumps({"inputs": {"island": "Dream", "bill_length_mm": 46.5}})
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def key(module_database_url: str, demo_models: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A key for one model; there is a user too."""
    folders = {"models_dir": demo_models, "spool_dir": tmp_path_factory.mktemp("spool")}
    app = create_app(Settings(database_url=module_database_url, secret_key=SECRET, auth="login", **folders))
    services = app.extensions["scoredesk"]
    services.users.create("ada", PASSWORD, Grant(role=Role.PREDICT, model="penguins"), actor="grace")
    key = str(services.keys.make("nightly", Role.PREDICT, models=["penguins"]))
    services.close()
    return key


@pytest.fixture(scope="module")
def served(
    key: str, module_database_url: str, demo_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Scoredesk with a login behind nginx, for all tests of this module."""
    port = free_port()
    folders = {"models_dir": demo_models, "spool_dir": tmp_path_factory.mktemp("spool")}
    settings = {"database_url": module_database_url, "secret_key": SECRET, "proxy_hops": 1}
    guarded = {"auth": "login", "trusted_hosts": PUBLIC.split(":")[0], "rate_limit": 40, "web_concurrency": 2}
    with (
        nginx_before(port, tmp_path_factory.mktemp("nginx")) as nginx,
        serving(port=port, **settings, **guarded, **folders),
    ):
        yield nginx.root


@pytest.fixture
def site(served: Site, module_database_url: str) -> Site:
    """That service, with nothing counted against anybody yet."""
    with psycopg.connect(module_database_url) as owner:
        owner.execute("DELETE FROM attempts")
    return served


def log_in(site: Site, password: str = PASSWORD, **headers: str) -> Answer:
    form = urlencode({"name": "ada", "password": password})
    return site.ask(f"{site.url}/login", form, **{"Content-Type": FORM} | headers)


def cookie_of(answer: Answer) -> str:
    found = re.match(r"__Host-scoredesk=[^;]+", answer.headers["Set-Cookie"])
    assert found
    return found[0]


def is_at_login(answer: Answer) -> bool:
    return answer.status == 303 and answer.headers["Location"].startswith("/login")


def test_nobody_gets_in_without_a_key_or_a_password(site: Site, key: str) -> None:
    assert is_at_login(site.ask(f"{site.url}/"))
    assert site.ask(site.url + PREDICT, BODY, **JSON).status == 401
    bearer = {"Authorization": f"Bearer {key}"}
    assert site.ask(site.url + PREDICT, BODY, **JSON, **bearer).status == 200
    assert site.ask(site.url + PREDICT.replace("penguins", "penguin-mass"), BODY, **JSON, **bearer).status == 403
    assert site.ask(f"{site.url}/readyz").status == 200


def test_a_session_is_neither_fixed_nor_replayed(site: Site) -> None:
    planted = "__Host-scoredesk=planted"
    cookie = cookie_of(log_in(site, Cookie=planted))
    assert cookie != planted
    assert is_at_login(site.ask(f"{site.url}/", Cookie=planted))
    # Either worker knows it.
    assert {site.ask(f"{site.url}/models/penguins", Cookie=cookie).status for _ in range(6)} == {200}
    assert site.ask(site.url + PREDICT, BODY, Cookie=cookie, **JSON).status == 401
    site.ask(f"{site.url}/logout", "", Cookie=cookie)
    assert all(is_at_login(site.ask(f"{site.url}/", Cookie=cookie)) for _ in range(6))


def test_forged_addresses_and_hosts_count_for_nothing(site: Site) -> None:
    statuses = [log_in(site, "wrong", **{"X-Forwarded-For": f"203.0.113.{n}"}).status for n in range(24)]
    # A new quarter of an hour may begin meanwhile.
    assert 401 in statuses[:10]
    assert 429 in statuses
    refused = site.ask(f"{site.url}/login", **{"Host": "forged.example.com"})
    assert refused.status == 400
    assert "This service has no such host name." in refused.text


def test_requests_are_counted_over_both_workers(site: Site, key: str) -> None:
    bearer = {"Authorization": f"Bearer {key}"}
    answers = [site.ask(f"{site.url}/api/v1/models", **bearer) for _ in range(90)]
    refused = [answer for answer in answers if answer.status == 429]
    # A new minute may begin meanwhile.
    assert 10 <= len(refused) <= 50
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 60
    assert json.loads(refused[0].text)["status"] == 429


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nothing", "/static/style.css", PREDICT, "/v2/models/none", "/healthz", "/predictions.csv"]
)
def test_each_answer_has_the_headers_that_protect(site: Site, path: str) -> None:
    headers: Any = site.ask(site.url + path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in headers["Cache-Control"]) == (not path.startswith("/static"))
