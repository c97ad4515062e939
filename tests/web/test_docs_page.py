"""GET /docs"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.conftest import MakeApp


@pytest.fixture
def page(client: FlaskClient) -> BeautifulSoup:
    return BeautifulSoup(client.get("/docs").text, "html.parser")


def test_each_page_links_to_it_and_it_links_to_the_document(client: FlaskClient, page: BeautifulSoup) -> None:
    front = BeautifulSoup(client.get("/").text, "html.parser")
    assert front.select_one("footer a")["href"] == "/docs"
    assert page.select_one('a[href="/openapi.json"]')


def test_each_command_works_as_it_is_pasted(client: FlaskClient, page: BeautifulSoup) -> None:
    commands = [each.text for each in page.select("pre")]
    assert len(commands) == 6
    for command in commands:
        curl, url, option, body = shlex.split(command)
        assert (curl, option) == ("curl", "--json")
        assert client.post(url.removeprefix("http://localhost"), json=json.loads(body)).status_code == 200


def test_it_shows_the_inputs_of_each_model(page: BeautifulSoup) -> None:
    (table,) = (each.find_next("table") for each in page.select("h3") if each.text == "Inputs of Penguins")
    rows = {
        row.td.code.text: [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in table.select("tbody tr")
    }
    assert rows["island"][1:] == ['"Biscoe", "Dream" or "Torgersen"', "filled in as Biscoe"]
    assert rows["bill_length_mm"][0] == "bill_length_mm Bill length (mm)"
    assert rows["bill_length_mm"][1].startswith("a number In training: ")
    assert len(rows) == 6


def test_it_shows_the_answer_of_each_model(page: BeautifulSoup) -> None:
    tables = [each.find_next("table") for each in page.select("h3") if each.text.startswith("Answer of ")]
    parts = [{row.td.code.text: row.select("td")[1].text for row in each.select("tbody tr")} for each in tables]
    assert parts[2]["prediction"] == '"Adelie", "Chinstrap" or "Gentoo"'
    assert parts[2]["probabilities"] == 'a number for each of "Adelie", "Chinstrap", "Gentoo"'
    assert parts[1]["prediction"] == "a number"


def test_it_lists_every_address_of_the_document(client: FlaskClient, page: BeautifulSoup) -> None:
    document = client.get("/openapi.json").json
    shown = {each.text for each in page.select("td code")}
    for path, item in document["paths"].items():
        for method in {"get", "post"} & item.keys():
            assert f"{method.upper()} {path}" in shown


def test_it_explains_each_error(page: BeautifulSoup) -> None:
    table = page.select_one("#errors").find_next("table")
    assert [int(row.th.text) for row in table.select("tr")] == [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503]


def test_it_says_so_when_nothing_is_served(make_app: MakeApp, tmp_path: Path) -> None:
    text = make_app().test_client().get("/docs").text
    assert "There are no models yet" in text
