"""The login in a real browser, and what the page of another origin can't do with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import axe
from tests.browser.pages import PENGUIN, fill_in
from tests.conftest import SECRET
from tests.serving import Serving, serving
from webapp import create_app
from webapp.config import Settings
from webapp.helpers.accounts.roles import Grant, Role

PASSWORD = "gentoo walks to the sea"


@pytest.fixture(scope="module")
def guarded(module_database_url: str, demo_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A service with a login and one user."""
    folders = {"models_dir": demo_models, "spool_dir": tmp_path_factory.mktemp("spool")}
    settings: dict[str, Any] = {"database_url": module_database_url, "secret_key": SECRET, "auth": "login"} | folders
    services = create_app(Settings(**settings)).extensions["scoredesk"]
    services.users.create("ada", PASSWORD, Grant(role=Role.ADMIN), actor="grace")
    services.close()
    with serving(**settings) as started:
        yield started


@pytest.fixture
def context(browser: Browser, guarded: Serving) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=guarded.url)
    context.set_default_timeout(10_000)
    yield context
    context.close()


def log_in(page: Page) -> None:
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


def predictions(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM predictions").fetchone() or (0,)
    return int(count)


def test_a_person_logs_in_where_they_wanted_to_go_and_out_again(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/models/penguins?example=typical")
    assert page.title() == "Log in – Scoredesk"
    log_in(page)
    assert page.locator("input[name=island]:checked, select[name=island]").first.input_value() == "Biscoe"
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (
        "__Host-scoredesk",
        True,
        True,
        "Lax",
    )
    button = page.get_by_role("banner").get_by_role("button", name="Log out")
    for _ in range(20):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert context.cookies() == []
    page.go_back()
    page.goto("/predictions")
    assert page.title() == "Log in – Scoredesk"


def test_what_was_entered_outlives_the_session(context: BrowserContext, module_database_url: str) -> None:
    page = context.new_page()
    page.goto("/models/penguins")
    log_in(page)
    fill_in(page, "penguins", PENGUIN)
    context.clear_cookies()
    before = predictions(module_database_url)
    with page.expect_navigation():
        page.get_by_role("button", name="Predict").click()
    expect(page.get_by_text("Log in again; what you entered is kept")).to_be_visible()
    log_in(page)
    assert page.url.endswith("/login")
    expect(page.get_by_label("Bill length (mm)")).to_have_value("46.5")
    expect(page.get_by_label("Dream")).to_be_checked()
    assert predictions(module_database_url) == before
    with page.expect_navigation():
        page.get_by_role("button", name="Predict").click()
    assert "/predictions/" in page.url
    assert predictions(module_database_url) == before + 1


def test_axe_finds_nothing_on_the_login_that_keeps_a_form(context: BrowserContext) -> None:
    axe.require()
    page = context.new_page()
    page.goto("/")
    log_in(page)
    fill_in(page, "penguins", PENGUIN)
    context.clear_cookies()
    with page.expect_navigation():
        page.get_by_role("button", name="Predict").click()
    assert page.locator("input[name=kept]").count() == 1
    assert axe.violations(page) == []


@pytest.fixture
def elsewhere(guarded: Serving) -> Iterator[str]:
    """The address of another site's page that sends the form of this one."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fields = "".join(f'<input name="{name}" value="1">' for name in ("bill_length_mm", "island"))
            body = f'<form method="post" action="{guarded.url}/models/penguins">{fields}<button>Win</button></form>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f":{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"], ids=["same site", "cross site"])
def test_the_page_of_another_origin_can_send_nothing(
    context: BrowserContext, elsewhere: str, host: str, module_database_url: str
) -> None:
    page = context.new_page()
    page.goto("/")
    log_in(page)
    before = predictions(module_database_url)
    page.goto(f"http://{host}{elsewhere}")
    with page.expect_navigation() as navigation:
        page.get_by_role("button", name="Win").click()
    assert navigation.value.status == 403
    assert "another website" in page.locator("h1").inner_text()
    assert predictions(module_database_url) == before
