"""A form at a desk: typed from the first field, pasted from a spreadsheet, and in one look"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Walker

ROW = ["46,5", "17.9", "192", "3500", "Dream", "male"]
NAMES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "island", "sex"]


def test_a_case_is_typed_from_the_first_field_on_and_sent_by_enter(page: Page) -> None:
    page.goto("/models/penguins")
    page.keyboard.type("46.5")
    expect(page.get_by_label("Bill length (mm)")).to_have_value("46.5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="5 of 6 inputs are blank")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Predict with 5 blanks")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("17.9")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/predictions/"))


@pytest.fixture
def form(walker: Walker) -> Page:
    walker.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return walker.open("/models/penguins")


def paste(page: Page, *rows: list[str]) -> None:
    """Copy cells as spreadsheets do, and paste them where the focus is."""
    page.evaluate("text => navigator.clipboard.writeText(text)", "".join("\t".join(row) + "\r\n" for row in rows))
    page.keyboard.press("Control+V")


def contents(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        ".case input:is([type=text], :checked)", "inputs => inputs.map(input => input.value)"
    )


def test_a_row_of_a_spreadsheet_fills_in_the_form(form: Page) -> None:
    paste(form, ROW)
    expect(form.get_by_role("status")).to_have_text("The row was filled in.")
    assert contents(form) == ROW
    form.keyboard.press("Enter")
    expect(form.get_by_role("heading", level=1)).to_have_text("Chinstrap")


@pytest.mark.parametrize("header", [NAMES, ["Bill length (mm)", *NAMES[1:5], "Sex"]])
def test_a_header_says_which_column_is_which(form: Page, header: list[str]) -> None:
    paste(form, ["species", *reversed(header)], ["Adelie", *reversed(ROW)])
    assert contents(form) == ROW


def test_a_choice_that_the_form_does_not_have_is_named(form: Page) -> None:
    paste(form, [*ROW[:4], "Sylt", ""])
    expect(form.get_by_role("status")).to_have_text("The row was filled in. No choice fits for Island.")
    assert contents(form) == [*ROW[:4], ""]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([ROW[:5]], "The row has 5 cells; it should have 6."),
        ([NAMES, ROW, ROW], "Copy one row, and its header or none."),
        ([[*NAMES[:5], "gender"], ROW], "The header has no column for Sex."),
        ([ROW, ROW], "The header has no column for Bill length (mm), Bill depth (mm),"),
    ],
)
def test_what_does_not_fit_fills_in_nothing(form: Page, rows: list[list[str]], says: str) -> None:
    paste(form, *rows)
    expect(form.get_by_role("status")).to_contain_text(f"Nothing was filled in. {says}")
    assert contents(form) == ["", "", "", "", "", ""]


def test_a_single_value_is_pasted_as_anywhere_else(form: Page) -> None:
    paste(form, ["46,5"])
    assert contents(form)[0].strip() == "46,5"


def test_only_with_javascript_there_is_a_word_of_pasting(page: Page, form: Page) -> None:
    expect(form.get_by_text("From a spreadsheet")).to_be_visible()
    page.goto("/models/penguins")
    expect(page.get_by_text("From a spreadsheet")).to_be_hidden()


def test_thirty_inputs_stand_in_three_columns_on_a_wide_screen(walker: Walker) -> None:
    page = walker.open("/models/breast-cancer")
    page.set_viewport_size({"width": 1400, "height": 900})
    lefts = page.eval_on_selector_all(".field", "fields => fields.map(field => field.getBoundingClientRect().left)")
    assert len(set(lefts)) == 3
    assert page.evaluate("document.documentElement.scrollHeight") <= 1500


def test_controls_of_a_row_stand_at_the_same_height(walker: Walker) -> None:
    page = walker.open("/models/penguins")
    page.set_viewport_size({"width": 1400, "height": 900})
    tops = page.eval_on_selector_all(
        ".field > :last-child", "controls => controls.map(each => each.getBoundingClientRect().top)"
    )
    assert max(tops[:3]) - min(tops[:3]) < 1
    assert max(tops[3:]) - min(tops[3:]) < 5


def test_the_button_of_a_long_form_stays_in_view_and_covers_no_focused_field(page: Page) -> None:
    page.set_viewport_size({"width": 1400, "height": 700})
    page.goto("/models/breast-cancer")
    button = page.get_by_role("button", name="Predict")
    for _ in range(30):
        expect(button).to_be_in_viewport(ratio=1)
        bottom = page.locator(":focus").evaluate("field => field.getBoundingClientRect().bottom")
        assert bottom < page.locator(".send").evaluate("bar => bar.getBoundingClientRect().top")
        page.keyboard.press("Tab")
    expect(button).to_be_focused()


def test_the_button_is_not_kept_in_view_where_it_would_take_a_fifth_of_it(page: Page) -> None:
    # What is left of a window of 1400 by 900 at 200 %.
    page.set_viewport_size({"width": 700, "height": 450})
    page.goto("/models/breast-cancer")
    expect(page.get_by_role("button", name="Predict")).not_to_be_in_viewport()


def test_links_lead_to_the_groups_of_a_long_form(page: Page) -> None:
    page.set_viewport_size({"width": 1400, "height": 700})
    page.goto("/models/tumours")
    groups = page.get_by_role("navigation", name="Groups of inputs").get_by_role("link")
    expect(groups).to_have_text(["Size", "Shape", "Other"])
    groups.nth(1).click()
    expect(page.get_by_label("Mean symmetry")).to_be_in_viewport()
    page.goto("/models/birds")
    expect(page.get_by_role("navigation", name="Groups of inputs")).to_have_count(0)
