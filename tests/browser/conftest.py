"""A real Chromium in front of a real gunicorn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium, shelf
from tests.browser.looks import LOOKS
from tests.browser.pages import PAGES
from tests.conftest import SECRET, DatabaseServer
from tests.serving import Serving, serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if chromium.path() is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright, chromium.launch(playwright) as launched:
        yield launched


@pytest.fixture(scope="session")
def models(demo_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo models, and with others for the states that those don't reach."""
    folder = tmp_path_factory.mktemp("shelf")
    shutil.copytree(demo_models, folder, dirs_exist_ok=True)
    shelf.add_to(folder)
    return folder


@pytest.fixture(scope="session")
def server(database_server: DatabaseServer, models: Path) -> Iterator[Serving]:
    url = database_server.create()
    with serving(database_url=url, secret_key=SECRET, models_dir=models, uploads=True) as started:
        yield started
    database_server.drop(url)


@pytest.fixture
def page(browser: Browser, server: Serving) -> Iterator[Page]:
    """A page with JavaScript off, at the list of models."""
    context = browser.new_context(java_script_enabled=False, base_url=server.url)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


class Walker:
    """One page that goes everywhere; a new one for each test would take as long as the tests do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))

    def go(self, name: str) -> Page:
        """Open a page by its name in PAGES."""
        self._look_as_usual()
        PAGES[name](self.page)
        return self.page

    def open(self, address: str) -> Page:
        """Open the page at an address."""
        self._look_as_usual()
        self.page.goto(address)
        return self.page

    def _look_as_usual(self) -> None:
        # On paper, where the test before may have left it, there would be nothing to press on the way.
        LOOKS["light"].put_on(self.page)
        self.said.clear()


@pytest.fixture(scope="session")
def walker(browser: Browser, server: Serving) -> Iterator[Walker]:
    context = browser.new_context(base_url=server.url)
    context.set_default_timeout(10_000)
    yield Walker(context.new_page())
    context.close()
