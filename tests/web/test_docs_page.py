"""GET /docs, and GET /docs/<name> for each model"""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.conftest import MakeApp

STATUSES = [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]


def page(client: FlaskClient, address: str) -> BeautifulSoup:
    answer = client.get(address)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture
def index(client: FlaskClient) -> BeautifulSoup:
    return page(client, "/docs")


def table(page: BeautifulSoup, heading: str) -> dict[str, list[str]]:
    """Read the table below a heading: the cells of each row by its name."""
    (found,) = (each.find_next("table") for each in page.select("h2") if each.text == heading)
    return {
        row.td.code.text: [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in found.select("tbody tr")
    }


def test_each_page_links_to_it_and_it_links_to_the_document(client: FlaskClient, index: BeautifulSoup) -> None:
    assert page(client, "/").select_one("footer a")["href"] == "/docs"
    assert index.select_one('a[href="/openapi.json"]')


def test_it_links_to_the_page_and_to_the_document_of_each_model(client: FlaskClient, index: BeautifulSoup) -> None:
    for name in ("penguins", "penguin-mass"):
        assert index.select_one(f'a[href="/docs/{name}"]')
        assert index.select_one(f'a[href="/openapi/{name}.json"]')
        own = page(client, f"/docs/{name}")
        for address in ("/docs", f"/models/{name}", f"/models/{name}/card", f"/openapi/{name}.json"):
            assert own.select_one(f'main a[href="{address}"]')


def test_the_page_of_a_model_shows_its_inputs(client: FlaskClient) -> None:
    rows = table(page(client, "/docs/penguins"), "Inputs")
    assert rows["island"][1:] == ['"Biscoe", "Dream" or "Torgersen"', "filled in as Biscoe"]
    assert rows["bill_length_mm"][0] == "bill_length_mm Bill length (mm)"
    assert rows["bill_length_mm"][1].startswith("a number In training: ")
    assert len(rows) == 6


def test_the_page_of_a_model_shows_its_answer(client: FlaskClient) -> None:
    classes = table(page(client, "/docs/penguins"), "Answer")
    assert classes["prediction"][1] == '"Adelie", "Chinstrap" or "Gentoo"'
    assert classes["probabilities"][1] == 'a number for each of "Adelie", "Chinstrap", "Gentoo"'
    assert table(page(client, "/docs/penguin-mass"), "Answer")["prediction"][1] == "a number"


def test_together_they_list_every_address_of_the_document(client: FlaskClient, index: BeautifulSoup) -> None:
    document = client.get("/openapi.json").json
    names = [model["name"] for model in client.get("/api/v1/models").json["models"]]
    shown = {
        each.text
        for own in [index, *(page(client, f"/docs/{name}") for name in names)]
        for each in own.select("td code")
    }
    for path, item in document["paths"].items():
        for method in {"get", "post"} & item.keys():
            assert f"{method.upper()} {path}" in shown


def test_the_page_of_a_model_lists_no_address_of_another(client: FlaskClient) -> None:
    shown = [each.text for each in page(client, "/docs/penguin-mass").select("td code")]
    assert [each for each in shown if "/" in each and "penguin-mass" not in each] == []


def test_it_explains_each_error(client: FlaskClient, index: BeautifulSoup) -> None:
    found = index.select_one("#errors").find_next("table")
    assert [int(row.th.text) for row in found.select("tr")] == STATUSES
    (own,) = (each.find_next("table") for each in page(client, "/docs/penguins").select("h2") if each.text == "Errors")
    assert [int(row.th.text) for row in own.select("tr")] == [400, 404, 409, 413, 415, 422, 500, 503]


def test_it_says_how_long_a_list_may_be(make_app: MakeApp, demo_models: Path) -> None:
    client = make_app(models_dir=demo_models, max_batch_size=2).test_client()
    assert "A list has at most 32 cases" in page(client, "/docs").text
    assert "at most 32 cases; the pandas example splits a longer one" in page(client, "/docs/penguins").text
    assert "limit = 32 " in page(client, "/docs/penguins").text


def test_the_buttons_that_copy_are_hidden_until_a_script_of_this_site_shows_them(client: FlaskClient) -> None:
    own = page(client, "/docs/penguins")
    assert all(button.has_attr("hidden") for button in own.select("button.copy"))
    assert len(own.select("button.copy")) == len(own.select("pre"))
    (script,) = own.select("script")
    assert (script["src"].startswith("/static/copy.js?v="), script.has_attr("defer"), script.text) == (True, True, "")


def test_an_unknown_model_has_no_page(client: FlaskClient) -> None:
    assert client.get("/docs/nothing").status_code == 404


def test_it_says_so_when_nothing_is_served(make_app: MakeApp, tmp_path: Path) -> None:
    text = make_app().test_client().get("/docs").text
    assert "There are no models yet" in text
