"""Nobody is kept out: each page in each state, as axe sees it in each light."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser import axe
from tests.browser.conftest import Walker
from tests.browser.looks import LOOKS
from tests.browser.pages import PAGES


@pytest.fixture(autouse=True)
def needs_axe() -> None:
    axe.require()


def violations(page: Page, look: str) -> list[str]:
    LOOKS[look].put_on(page)
    # Nobody has to hit a link on paper.
    without = ("target-size",) if look == "print" else ()
    return [f"{look}: {each}" for each in axe.violations(page, without=without)]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on(name: str, walker: Walker) -> None:
    page = walker.go(name)
    found = [each for look in LOOKS for each in violations(page, look)]
    assert not found, "\n\n" + "\n\n".join(found)


def test_axe_finds_what_is_wrong(walker: Walker) -> None:
    page = walker.go("form")
    page.evaluate("document.querySelector('main label').remove()")
    page.evaluate("document.querySelector('h1').style.color = '#aaa'")
    rules = {each.split()[1] for each in violations(page, "light")}
    assert rules >= {"label", "color-contrast"}
