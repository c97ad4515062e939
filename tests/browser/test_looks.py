"""How the pages look: never wider than the window, plain on paper, and by their own policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Walker
from tests.browser.looks import LOOKS
from tests.browser.pages import PAGES, PENGUIN

PRESSED = "header, nav, footer, button, .skip, .actions, .unprinted"


def too_wide(page: Page) -> list[str]:
    """Give the widths at which somebody would have to scroll sideways to read."""
    found = []
    # 320 is a small telephone, and what is left of 1280 for who enlarges it to 400 %; 640 at 200 %.
    for width in (320, 640, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{wide} in a window of {width}")
    return found


def sheets(page: Page) -> int:
    LOOKS["print"].put_on(page)
    return len(re.findall(rb"/Type /Page\b", page.pdf(format="A4")))


@pytest.mark.parametrize("name", PAGES)
def test_it_fits_the_window_the_policy_and_paper(name: str, walker: Walker) -> None:
    page = walker.go(name)
    assert too_wide(page) == []
    page.wait_for_load_state("networkidle")
    # That a page was not found, or that an input was wrong, is told there too.
    assert [line for line in walker.said if "responded with a status of" not in line] == []
    LOOKS["print"].put_on(page)
    assert page.locator(PRESSED).filter(visible=True).count() == 0
    assert page.locator("h1").first.is_visible()


def test_what_is_too_wide_is_found(walker: Walker) -> None:
    page = walker.go("error")
    page.evaluate("document.querySelector('h1').style.width = '700px'")
    assert too_wide(page) == ["720 in a window of 320", "720 in a window of 640"]


@pytest.mark.parametrize("name", ["result", "result-with-warning", "result-with-number", "result-of-thirty"])
def test_a_result_fits_two_screens_of_a_desk(name: str, walker: Walker) -> None:
    page = walker.go(name)
    page.set_viewport_size({"width": 1400, "height": 900})
    assert page.evaluate("document.documentElement.scrollHeight") <= 1800
    boxes = [each.bounding_box() for each in page.locator(".sheet > *").all()]
    tops, lefts = {box["y"] for box in boxes if box}, [box["x"] for box in boxes if box]
    assert (len(boxes), len(tops), lefts) == (3, 1, sorted(set(lefts)))


@pytest.mark.parametrize("look", ["narrow", "print"])
def test_elsewhere_a_result_is_one_column(look: str, walker: Walker) -> None:
    page = walker.go("result")
    LOOKS[look].put_on(page)
    boxes = [each.bounding_box() for each in page.locator(".sheet > *").all()]
    assert len({box["x"] for box in boxes if box}) == 1
    assert page.locator("[aria-labelledby=inputs] td").filter(visible=True).count() == len(PENGUIN) + 1


@pytest.mark.parametrize("name", ["result", "result-with-warning", "result-with-number"])
def test_a_result_is_one_sheet_of_paper(name: str, walker: Walker) -> None:
    assert sheets(walker.go(name)) == 1


def test_paper_says_what_answered_when_and_where_it_is_recorded(walker: Walker) -> None:
    page = walker.go("result")
    LOOKS["print"].put_on(page)
    text = page.locator("body").inner_text()
    record = page.request.get(f"{page.url}.json").json()
    for said in ("Chinstrap", record["version"], record["digest"], page.url, page.locator("time").inner_text()):
        assert said in text


def test_a_button_has_an_edge_where_the_system_chooses_all_colours(walker: Walker) -> None:
    page = walker.go("form-empty")
    page.emulate_media(forced_colors="active")
    edge = page.get_by_role("button").evaluate("button => getComputedStyle(button).borderTopWidth")
    page.emulate_media(forced_colors="none")
    assert edge == "2px"
