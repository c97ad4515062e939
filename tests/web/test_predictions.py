"""GET /predictions, with .json and .csv, and GET /api/v1/predictions"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sklearn.dummy import DummyClassifier

from tests.conftest import MakeApp
from webapp.controllers.http.arguments import PAGE_SIZE


def test_it_lists_the_newest_first(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post("/models/penguins", data=penguin)
    client.post("/api/v1/models/penguin-mass/predict", json={"inputs": {"species": "Adelie", "island": "Dream"}})
    page = BeautifulSoup(client.get("/predictions").text, "html.parser")
    cells = [[cell.text.strip() for cell in row.select("td")] for row in page.select(".rows tbody tr")]
    assert [row[1].partition(" version ")[0] for row in cells] == ["Penguin mass", "Penguins"]
    assert [row[-1] for row in cells] == ["JSON", "web form"]
    assert cells[1][2].startswith("Adelie ")


def test_it_says_so_when_there_are_none(client: FlaskClient) -> None:
    assert "There are no predictions yet" in client.get("/predictions").text


def test_the_api_pages_by_key(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post("/api/v1/models/penguins/predict", json={"inputs": [penguin] * (2 * PAGE_SIZE + 1)})
    pages, cursor = [], ""
    while cursor is not None:
        page = client.get("/api/v1/predictions", query_string={"cursor": cursor}).json
        pages.append([each["id"] for each in page["predictions"]])
        cursor = page["cursor"]
    assert list(map(len, pages)) == [PAGE_SIZE, PAGE_SIZE, 1]
    assert sum(pages, []) == sorted(sum(pages, []), reverse=True)  # noqa: RUF017


def test_the_page_leads_to_older_ones(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post("/api/v1/models/penguins/predict", json={"inputs": [penguin] * (PAGE_SIZE + 1)})
    page = BeautifulSoup(client.get("/predictions?model=penguins").text, "html.parser")
    older = client.get(page.select_one("a[rel=next]")["href"])
    assert len(BeautifulSoup(older.text, "html.parser").select(".rows tbody tr")) == 1


@pytest.mark.parametrize("path", ["/predictions.json", "/api/v1/predictions"])
def test_it_shows_one_model_alone(client: FlaskClient, penguin: dict[str, Any], path: str) -> None:
    client.post("/models/penguins", data=penguin)
    client.post("/models/penguin-mass", data={"species": "Adelie", "island": "Dream"})
    found = client.get(path, query_string={"model": "penguins"}).json["predictions"]
    assert [each["model"] for each in found] == ["penguins"]
    assert client.get(path, query_string={"model": "dragons"}).json["predictions"] == []


@pytest.mark.parametrize("path", ["/predictions", "/predictions.json", "/predictions.csv", "/api/v1/predictions"])
@pytest.mark.parametrize("cursor", ["x", "0" * 36, "a1a0f0f0-0000-4000-8000-000000000000"])
def test_it_refuses_a_cursor_that_no_page_gave(client: FlaskClient, path: str, cursor: str) -> None:
    assert client.get(path, query_string={"cursor": cursor}).status_code == 422


def test_it_comes_as_csv(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post("/models/penguins", data=penguin)
    client.post("/models/penguins", data={"bill_length_mm": "long"})
    answer = client.get("/predictions.csv")
    rejected, answered = csv.DictReader(io.StringIO(answer.text))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (answered["status"], answered["input bill_length_mm"]) == ("answered", "39.1")
    assert (rejected["status"], rejected["input bill_length_mm"]) == ("rejected", "")


def test_its_csv_holds_nothing_that_a_spreadsheet_would_run(make_app: MakeApp) -> None:
    estimator = DummyClassifier().fit([[0.0]], ["=HYPERLINK(1)"])
    client = make_app({"=cmd": estimator}).test_client()
    client.post("/models/=cmd", data={"x0": "-1.5"})
    (row,) = csv.DictReader(io.StringIO(client.get("/predictions.csv").text))
    assert (row["model"], row["prediction"], row["input x0"]) == ("'=cmd", "'=HYPERLINK(1)", "-1.5")
