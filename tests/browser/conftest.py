"""A real Chromium in front of a real gunicorn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
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
def server(database_server: DatabaseServer, demo_models: Path) -> Iterator[Serving]:
    url = database_server.create()
    with serving(database_url=url, secret_key=SECRET, models_dir=demo_models) as started:
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
