"""Nobody is kept out: each page in each state, as axe sees it in each light."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import axe
from tests.browser.looks import LOOKS
from tests.browser.pages import PAGES
from tests.serving import Serving


@pytest.fixture(autouse=True)
def needs_axe() -> None:
    if not axe.PATH.exists():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("axe-core is not installed")


def violations(page: Page, look: str) -> list[str]:
    LOOKS[look].put_on(page)
    return [f"{look}: {each}" for each in axe.violations(page)]


@pytest.fixture(scope="module")
def page(browser: Browser, server: Serving) -> Iterator[Page]:
    """One page that goes everywhere, for a new one each time would take as long as axe does."""
    context = browser.new_context(base_url=server.url)
    context.set_default_timeout(5_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on(name: str, page: Page) -> None:
    # On paper, there is no button that could be pressed.
    LOOKS["light"].put_on(page)
    PAGES[name](page)
    found = [each for look in LOOKS for each in violations(page, look)]
    assert not found, "\n\n" + "\n\n".join(found)


def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.goto("/models/penguins")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('h1').style.color = '#aaa'")
    rules = {each.split()[1] for each in violations(page, "light")}
    assert rules >= {"label", "color-contrast"}
