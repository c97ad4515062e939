"""From the first page to an answer with nothing but Tab, Enter, Space and the arrows"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import PENGUIN, a_line, asked, fill_in


def tab_to(target: Locator, key: str = "Tab") -> None:
    """Press the tabulator until this has the focus."""
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        target.page.keyboard.press(key)
    pytest.fail(f"{target} can't be reached by keyboard")


def follow(page: Page, link: str) -> None:
    tab_to(page.get_by_role("link", name=link, exact=True))
    with page.expect_navigation():
        page.keyboard.press("Enter")


def predict(page: Page, key: str = "Space") -> None:
    """Send the form, and once more if it asks about blanks."""
    tab_to(page.get_by_role("button", name="Predict"))
    with page.expect_navigation():
        page.keyboard.press(key)
    if page.get_by_role("button", name="Predict with").count():
        expect(page.get_by_role("button", name="Predict with")).to_be_focused()
        with page.expect_navigation():
            page.keyboard.press(key)


def test_it_leads_from_the_first_page_to_an_answer_and_back(page: Page) -> None:
    follow(page, "Penguin mass")
    predict(page)
    expect(page.get_by_role("alert")).to_be_focused()

    follow(page, "Models")
    follow(page, "Penguins")
    tab_to(page.get_by_label("Bill length (mm)"))
    page.keyboard.type("46.5")
    predict(page)
    expect(page).to_have_url(re.compile("/predictions/"))
    follow(page, "Edit and predict again")
    expect(page.get_by_label("Bill length (mm)")).to_have_value("46.5")


def test_the_first_stop_skips_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    page.keyboard.press("Tab")
    expect(page.locator("main a").first).to_be_focused()


def test_each_mistake_is_one_enter_away(page: Page) -> None:
    fill_in(page, "penguins", {"bill_length_mm": "long", "body_mass_g": "heavy"})
    predict(page)
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Body mass (g)")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("3500")
    tab_to(page.get_by_label("Bill length (mm)"), "Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("46.5")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    predict(page, "Enter")
    expect(page).to_have_url(re.compile("/predictions/"))


def press_access_key(page: Page, key: str) -> None:
    """Press Alt and a letter as Chromium's window gets them: Playwright's keyboard leaves out what it would type."""
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchKeyEvent", {"type": "char", "modifiers": 1, "text": key, "unmodifiedText": key})
    session.detach()


def test_the_answer_leads_to_the_next_case_and_to_the_same_one_with_one_key(page: Page) -> None:
    asked("penguins", PENGUIN)(page)
    record = page.url
    with page.expect_navigation():
        press_access_key(page, "n")
    expect(page).to_have_url(re.compile("/models/penguins$"))
    expect(page.get_by_label("Bill length (mm)")).to_have_value("")
    page.goto(record)
    with page.expect_navigation():
        press_access_key(page, "e")
    expect(page.get_by_label("Bill length (mm)")).to_have_value("46.5")


def test_a_case_is_found_by_its_number_from_every_page(page: Page) -> None:
    asked("penguins", PENGUIN)(page)
    record = page.url
    for address in ("/", "/docs", "/models/penguins", "/predictions", record, "/models/nothing"):
        page.goto(address)
        press_access_key(page, "f")
        expect(page.get_by_label("Find a case by its number")).to_be_focused()
        page.keyboard.type(record.rsplit("/", 1)[1])
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page).to_have_url(record)


def test_new_case_and_the_same_one_come_first_after_the_heading(page: Page) -> None:
    asked("penguins", PENGUIN)(page)
    after = page.locator("h1").evaluate(
        "h1 => [...document.querySelectorAll('main a, main summary')]"
        ".filter(each => h1.compareDocumentPosition(each) & 4).map(each => each.textContent)"
    )
    assert after[:2] == ["New case", "Edit and predict again"]


def test_wherever_the_focus_is_it_can_be_seen(page: Page) -> None:
    page.goto("/models/penguins")
    # From the first field back to the start of the page, and through the form.
    for key in ["Shift+Tab"] * 6 + ["Tab"] * 12:
        page.keyboard.press(key)
        focused = page.locator(":focus")
        assert focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
        expect(focused).to_be_in_viewport()


def test_a_wide_table_is_moved_by_the_arrows(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/docs")
    table = page.locator(".scroll:has(table.described)").first
    tab_to(table)
    for _ in range(50):
        page.keyboard.press("ArrowRight")
        if table.evaluate("table => table.scrollLeft") > 0:
            return
    pytest.fail("The arrows do not move it")


def test_a_file_can_be_published(page: Page) -> None:
    # Playwright needs a moment to take the dialog, and does not wait for itself.
    page.on("filechooser", lambda _: None)
    tab_to(page.get_by_text("Publish a model"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_label("Model file"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files({"name": "line.joblib", "mimeType": "", "buffer": a_line()})
    tab_to(page.get_by_role("button", name="Publish"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("line, version 1")
