"""What people come for, with JavaScript off"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.conftest import SECRET
from webapp.helpers.record_ids import RecordIds


def predict(page: Page, model: str, **values: str) -> str:
    """Fill in a form, send it, and give the path of the record."""
    page.get_by_role("link", name="Models", exact=True).click()
    page.get_by_role("link", name=model, exact=True).click()
    for label, value in values.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    with page.expect_navigation():
        page.get_by_role("button", name="Predict").click()
    if page.get_by_role("button", name="Predict with").count():
        with page.expect_navigation():
            page.get_by_role("button", name="Predict with").click()
    return page.url[page.url.index("/", 8) :]


def test_scripts_are_off(page: Page) -> None:
    page.set_content("<h1>off</h1><script>document.querySelector('h1').textContent = 'on'</script>")
    expect(page.get_by_role("heading")).to_have_text("off")


def test_a_record_is_found_again_in_the_list_of_its_model(page: Page) -> None:
    other = predict(page, "Pair", X0="3")
    mine = predict(page, "Penguins", Bill_length="46.5")
    page.get_by_role("link", name="Predictions", exact=True).click()
    for path in (mine, other):
        expect(page.locator(f'main a[href="{path}"]')).to_be_visible()

    page.locator("main").get_by_role("link", name="Penguins", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Predictions of Penguins")
    expect(page.locator(f'main a[href="{other}"]')).to_have_count(0)
    page.locator(f'main a[href="{mine}"]').click()
    expect(page.get_by_role("table", name="Probability of each class")).to_be_visible()
    expect(page.get_by_role("cell", name="46.5")).to_be_visible()


def test_an_answer_leads_back_to_its_form_to_ask_again(page: Page) -> None:
    first = predict(page, "Penguins", Bill_length="46.5", Flipper_length="192")
    page.get_by_role("link", name="Edit and predict again").click()
    expect(page.get_by_label("Flipper length (mm)")).to_have_value("192")
    page.get_by_label("Bill length (mm)").fill("38")
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Predict with 4 blanks").click()
    expect(page).to_have_url(re.compile("/predictions/(?!" + first.rsplit("/", 1)[1] + ")"))
    expect(page.get_by_text("38", exact=True)).to_be_visible()


def test_the_form_leads_to_the_card_and_to_a_former_version(page: Page) -> None:
    page.get_by_role("link", name="Field birds").click()
    page.get_by_role("link", name="About this model").click()
    expect(page.get_by_role("heading", name="How well it performs")).to_be_visible()
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_text("which is not in use")).to_be_visible()


def test_what_is_not_there_leads_to_the_models(page: Page) -> None:
    page.goto("/models/nothing")
    page.locator("main").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


def test_a_record_that_is_not_here_yet_is_looked_up_again_by_itself(page: Page) -> None:
    (id,) = RecordIds(SECRET).make(1)
    page.goto(f"/predictions/{id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not here yet")
    with page.expect_response(lambda answer: id.hex in answer.url.replace("-", ""), timeout=30_000) as reloaded:
        pass
    assert reloaded.value.status == 503
