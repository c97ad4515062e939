"""A person at a desk, with JavaScript off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect


def tab_to(page: Page, label: str) -> None:
    """Press the tabulator until the field of this label has the focus."""
    target = page.get_by_label(label)
    for _ in range(40):
        if target.evaluate("field => field === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{label} can't be reached by keyboard")


def fill_in_by_keyboard(page: Page) -> None:
    values = {
        "Bill length (mm)": "46.5",
        "Bill depth (mm)": "17.9",
        "Flipper length (mm)": "192",
        "Body mass (g)": "3500",
    }
    for label, value in values.items():
        tab_to(page, label)
        page.keyboard.type(value)
    # From “Not known” over Biscoe to Dream.
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Dream")).to_be_checked()


def test_it_predicts_by_keyboard_alone(page: Page) -> None:
    page.get_by_role("link", name="Penguins").focus()
    page.keyboard.press("Enter")
    fill_in_by_keyboard(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/predictions/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Chinstrap")

    link = page.url
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chinstrap")
    page.get_by_role("link", name="Predictions", exact=True).click()
    rows = page.locator(f'.rows tbody tr:has(a[href="{link[link.index("/predictions") :]}"])')
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Chinstrap")


def test_it_leads_from_a_mistake_to_its_field(page: Page) -> None:
    page.goto("/models/penguins")
    page.get_by_label("Bill length (mm)").fill("long")
    page.get_by_label("Bill depth (mm)").fill("17.9")
    page.get_by_role("button", name="Predict").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Bill length (mm)")).to_be_focused()
    expect(page.get_by_label("Bill length (mm)")).to_have_value("long")
    expect(page.get_by_label("Bill depth (mm)")).to_have_value("17.9")

    page.get_by_label("Bill length (mm)").fill("46.5")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Predict with 4 blanks").click()
    expect(page).to_have_url(re.compile("/predictions/"))
