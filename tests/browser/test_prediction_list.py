"""The list of predictions at the widths of a desk and of a telephone, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Walker
from tests.browser.looks import LOOKS

LIST = "predictions-with-key-inputs"


def heights(page: Page) -> set[float]:
    return set(page.locator(".list tbody tr").evaluate_all("rows => rows.map(row => row.offsetHeight)"))


def test_on_a_wide_screen_each_record_is_one_line_and_the_filter_is_open(walker: Walker) -> None:
    page = walker.go(LIST)
    page.set_viewport_size({"width": 1400, "height": 900})
    assert max(heights(page)) < 40
    expect(page.get_by_label("Case", exact=True)).to_be_visible()
    tops = page.locator(".filter > form > .fields > *").evaluate_all("all => all.map(each => each.offsetTop)")
    assert max(tops) - min(tops) < 40
    assert page.locator(".filter > summary").is_hidden()


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_telephone_each_record_is_a_card_with_the_names_of_its_values(walker: Walker, width: int) -> None:
    page = walker.go(LIST)
    page.set_viewport_size({"width": width, "height": 800})
    card = page.locator(".list tbody tr").first
    assert card.evaluate("row => getComputedStyle(row).display") == "flex"
    label = card.locator("td.input").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert "Island" in label
    assert page.get_by_label("Case", exact=True).is_hidden()


def test_on_paper_the_list_is_a_table_without_what_can_only_be_pressed(walker: Walker) -> None:
    page = walker.go(LIST)
    LOOKS["print"].put_on(page)
    assert page.locator(".list thead").is_visible()
    assert page.locator(".filter").is_hidden()
    assert page.get_by_text("Remove").filter(visible=True).count() == 0


def test_a_case_is_found_by_its_number_without_javascript(page: Page) -> None:
    page.goto("/models/penguins?example=typical")
    with page.expect_navigation():
        page.get_by_role("button", name="Predict").click()
    record = page.url.split("?")[0]
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto("/predictions")
    page.get_by_label("Case", exact=True).fill(record[-8:])
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url == record
