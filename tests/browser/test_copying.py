"""The buttons beside the examples of the API"""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.serving import Serving


def test_a_button_copies_its_example(browser: Browser, server: Serving) -> None:
    context = browser.new_context(base_url=server.url, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/docs/penguins")
    button = page.get_by_role("button", name="Copy the example: pandas")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    code = page.locator(".example", has=page.get_by_role("heading", name="pandas")).locator("code").text_content()
    assert page.evaluate("navigator.clipboard.readText()") == code
    assert said == []
    context.close()


def test_without_javascript_there_is_no_button_to_copy_with(page: Page) -> None:
    page.goto("/docs/penguins")
    expect(page.locator("button.copy")).not_to_have_count(0)
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
