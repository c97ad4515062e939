"""GET /predictions with filters: the page, its exports and the API"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from webapp.controllers.http.arguments import PAGE_SIZE
from webapp.services.prediction_log import Explorer, ExplorerLimits, windows

PATHS = ["/predictions", "/predictions.json", "/predictions.csv", "/api/v1/predictions"]
PREDICT = "/api/v1/models/penguins/predict"


@pytest.fixture
def penguins(client: FlaskClient, penguin: dict[str, Any]) -> FlaskClient:
    """A client of a service that was asked for two Adelies, one Gentoo and a mass, and refused one form."""
    gentoo = penguin | {"bill_length_mm": 50, "bill_depth_mm": 14, "flipper_length_mm": 220, "island": "Biscoe"}
    client.post(PREDICT, json={"inputs": [penguin, penguin | {"sex": None}, gentoo]})
    client.post("/api/v1/models/penguin-mass/predict", json={"inputs": {"species": "Gentoo", "island": "Biscoe"}})
    client.post("/models/penguins", data={"bill_length_mm": "long"})
    return client


def soup(client: FlaskClient, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).text, "html.parser")


def rows(page: BeautifulSoup) -> list[list[str]]:
    return [[cell.text.strip() for cell in row.select("td")] for row in page.select(".rows tbody tr")]


def bars(page: BeautifulSoup, title: str) -> Tag:
    return next(table for table in page.select(".facets .bars") if table.caption.text == title)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"model": "penguins"}, 4),
        ({"class": "Adelie"}, 2),
        ({"channel": "form"}, 1),
        ({"status": "rejected"}, 1),
        ({"input.island": "Biscoe"}, 2),
        ({"input.island": "Biscoe", "model": "penguins"}, 1),
        ({"input.bill_length_mm": "39.1"}, 2),
        ({"input.bill_length_mm": "9" * 400}, 0),
        ({"input.sex": "null", "model": "penguins"}, 1),
        ({"input.bill_length_mm": "> 39.1"}, 1),
        ({"input.bill_length_mm": ">= 39.1"}, 3),
        ({"input.bill_length_mm": "39 to 40"}, 2),
        ({"input.island": "> 5"}, 0),
        ({"warnings": "true", "class": "Adelie"}, 1),
        ({"actor": "ada"}, 0),
        ({"to": "2020-01-01"}, 0),
        ({"from": "2020-01-01", "to": "2999-01-01"}, 5),
    ],
)
def test_all_four_ways_give_what_was_asked_for(penguins: FlaskClient, query: dict[str, str], count: int) -> None:
    found = {path: penguins.get(path, query_string={"status": "all"} | query) for path in PATHS}
    assert len(found["/predictions.json"].json["predictions"]) == count
    assert len(found["/api/v1/predictions"].json["predictions"]) == count
    assert len(list(csv.DictReader(io.StringIO(found["/predictions.csv"].text)))) == count
    assert len(rows(BeautifulSoup(found["/predictions"].text, "html.parser"))) == count


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_filter_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.get(path, query_string={"status": "done", "from": "yesterday"})
    assert answer.status_code == 422
    assert "answered, failed, rejected or all" in answer.text


def test_the_page_says_by_each_field_what_is_wrong_and_keeps_what_was_entered(client: FlaskClient) -> None:
    page = soup(client, "/predictions?from=yesterday&version=1&nothing=2")
    field = page.select_one("input[name=from]")
    assert (field["value"], field["aria-invalid"]) == ("yesterday", "true")
    assert "2026-11-24" in page.find(id=field["aria-describedby"]).text
    assert page.select_one("input[name=version]")["value"] == "1"
    assert "There is no filter with this name" in page.select_one("[role=alert]").text


def test_each_field_has_a_label_and_the_form_is_an_address(client: FlaskClient) -> None:
    form = soup(client, "/predictions").select_one(".filter form")
    assert form.get("method", "get") == "get"
    assert form.select_one("button").text == "Show"
    labelled = {label["for"] for label in form.select("label")}
    assert {field["id"] for field in form.select("input:not([type=hidden]), select")} == labelled


def test_the_form_is_open_where_something_is_wrong_and_its_rest_where_it_was_used(client: FlaskClient) -> None:
    assert not soup(client, "/predictions?model=penguins").select_one(".filter, .more").has_attr("open")
    assert soup(client, "/predictions?version=1").select_one(".more").has_attr("open")
    assert soup(client, "/predictions?from=yesterday").select_one(".filter").has_attr("open")


def test_each_condition_can_be_removed_and_the_rest_stays(penguins: FlaskClient) -> None:
    page = soup(penguins, "/predictions?model=penguins&class=Adelie&input.island=Torgersen&order=oldest")
    links = {item.find(string=True).strip(): item.a["href"] for item in page.select(".chosen li")}
    assert list(links) == ["Model: Penguins", "Answer: Adelie", "Island is Torgersen"]
    left = parse_qs(urlsplit(links["Island is Torgersen"]).query)
    assert left == {"model": ["penguins"], "class": ["Adelie"], "order": ["oldest"]}


def test_an_input_that_was_chosen_stays_when_the_form_is_sent_again(client: FlaskClient) -> None:
    form = soup(client, "/predictions?input.island=Dream").select_one(".filter form")
    assert form.select_one("input[type=hidden]")["value"] == "Dream"
    assert len(rows(soup(client, "/predictions?input.island=Dream&input=sex&value=male"))) == 0


def test_it_counts_by_value_and_each_count_leads_to_these(penguins: FlaskClient) -> None:
    answers = bars(soup(penguins, "/predictions"), "Answer")
    counts = {row.th.text.strip(): int(row.select_one(".share").text) for row in answers.select("tbody tr")}
    assert counts == {"Adelie": 2, "Gentoo": 1}
    assert len(rows(soup(penguins, answers.select_one("a")["href"]))) == 2


def test_what_is_chosen_is_not_counted_again(penguins: FlaskClient) -> None:
    page = soup(penguins, "/predictions?model=penguins&status=all")
    assert [table.caption.text for table in page.select(".facets .bars")] == ["Answer", "Source"]


def test_it_draws_each_day_and_tells_the_numbers_too(penguins: FlaskClient) -> None:
    chart = soup(penguins, "/predictions").select_one(".days")
    assert chart.svg.title.text == "Predictions per day"
    assert "4 in 30 days, busiest day 4" in chart.svg.desc.text
    assert len(chart.select("tbody tr")) == 30
    assert chart.select_one("tbody td").text == "4"


def test_nothing_is_drawn_where_there_is_nothing(client: FlaskClient) -> None:
    page = soup(client, "/predictions")
    assert page.select(".days, .facets") == []


def test_the_oldest_can_come_first_and_the_next_page_keeps_that(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post(PREDICT, json={"inputs": [penguin] * (PAGE_SIZE + 1)})
    page = soup(client, "/predictions?order=oldest&class=Adelie")
    following = soup(client, page.select_one("a[rel=next]")["href"])
    assert len(rows(following)) == 1
    ids = [each["id"] for each in client.get("/predictions.json?order=oldest").json["predictions"]]
    assert ids == sorted(ids)
    assert ids[-1] in following.select_one(".rows a")["href"]


def test_an_export_gives_more_than_a_page(client: FlaskClient, penguin: dict[str, Any]) -> None:
    for _ in range(2):
        client.post(PREDICT, json={"inputs": [penguin] * 600})
    whole = client.get("/predictions.json").json
    assert (len(whole["predictions"]), whole["cursor"], whole["incomplete"]) == (1200, None, None)
    table = list(csv.DictReader(io.StringIO(client.get("/predictions.csv").text)))
    assert [row["id"] for row in table] == [each["id"] for each in whole["predictions"]]


def test_an_export_that_is_cut_says_so_at_its_end(app: Flask, penguin: dict[str, Any]) -> None:
    client = impatient(app, exported_rows=2)
    client.post(PREDICT, json={"inputs": [penguin] * 3})
    cut = client.get("/predictions.json").json
    assert cut["incomplete"] == "Incomplete: an export holds up to 2 predictions."
    last = client.get("/predictions.csv").text.splitlines()[-1]
    assert last == f'"Incomplete: an export holds up to 2 predictions. The rest begins at cursor={cut["cursor"]}."'
    assert len(client.get(f"/predictions.json?cursor={cut['cursor']}").json["predictions"]) == 1


def test_a_csv_of_one_model_has_a_column_for_each_of_its_inputs(client: FlaskClient) -> None:
    header = client.get("/predictions.csv?model=penguins").text.splitlines()[0]
    assert '"input island"' in header
    assert '"input species"' not in header


def test_an_input_without_a_column_stands_under_other_inputs(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post("/api/v1/models/penguin-mass/predict", json={"inputs": {"species": "Gentoo", "island": "Biscoe"}})
    client.post(PREDICT, json={"inputs": [penguin] * 1000})
    last = list(csv.DictReader(io.StringIO(client.get("/predictions.csv").text)))[-1]
    assert last["input island"] == "Biscoe"
    assert '"species": "Gentoo"' in last["other inputs"]


def test_a_page_that_ran_out_of_time_says_how_far_it_looked_and_leads_on(
    app: Flask, penguin: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = impatient(app, searching=0.4)
    client.post(PREDICT, json={"inputs": [penguin] * 40})
    monkeypatch.setattr(windows, "FIRST_WINDOW_ROWS", 5)
    monkeypatch.setattr(windows, "MAX_WINDOW_ROWS", 5)
    usual = windows.WindowedSearch.end_of
    monkeypatch.setattr(
        windows.WindowedSearch, "end_of", lambda *each: usual(*each) if not windows.time.sleep(0.15) else None
    )
    page = soup(client, "/predictions?class=Dodo")
    assert "None found so far. Searched back to" in page.text
    assert page.select_one("a[rel=next]").text == "Search older records"
    found = client.get("/api/v1/predictions?class=Dodo").json
    assert found["predictions"] == []
    assert found["cursor"]
    assert found["looked_to"]


def impatient(app: Flask, **patience: Any) -> FlaskClient:
    """Give a client of the same service with less patience."""
    services = app.extensions["scoredesk"]
    explorer = Explorer(services.engine, ExplorerLimits(**patience))
    app.extensions["scoredesk"] = replace(services, explorer=explorer)
    return app.test_client()
