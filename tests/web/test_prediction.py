"""GET /predictions/<id>, with .json and .csv"""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sklearn.ensemble import IsolationForest

from tests.conftest import MakeApp


@pytest.fixture
def link(client: FlaskClient, penguin: dict[str, Any]) -> str:
    return client.post("/models/penguins", data=penguin).headers["Location"]


def test_it_shows_the_answer_with_bars(client: FlaskClient, link: str) -> None:
    page = BeautifulSoup(client.get(link).text, "html.parser")
    assert page.h1.text == "Adelie"
    assert [each.text for each in page.select(".bars tbody th")] == ["Adelie", "Gentoo", "Chinstrap"]
    widths = [float(each["width"]) for each in page.select(".bars rect:last-child")]
    assert widths[0] > 99
    assert sum(widths) == pytest.approx(100, abs=0.01)


def test_it_shows_what_was_entered_and_what_answered(client: FlaskClient, link: str, app: Any) -> None:
    text = BeautifulSoup(client.get(link).text, "html.parser").select_one("main").text
    model = app.extensions["scoredesk"].store.get("penguins")
    for expected in ("Bill length (mm)", "39.1", "Torgersen", model.version, model.digest, f"http://localhost{link}"):
        assert expected in text


def test_a_reload_never_predicts_twice(client: FlaskClient, link: str) -> None:
    first, second = client.get(link), client.get(link)
    assert first.text == second.text
    assert len(client.get("/predictions.json").json["predictions"]) == 1


def test_it_leads_back_to_the_form_as_it_was(client: FlaskClient, link: str, penguin: dict[str, Any]) -> None:
    page = BeautifulSoup(client.get(link).text, "html.parser")
    (again,) = [a["href"] for a in page.select("a") if a.text == "Edit and predict again"]
    form = BeautifulSoup(client.get(again).text, "html.parser")
    filled = {each["name"]: each["value"] for each in form.select("form input[type=text], form input[checked]")}
    assert filled == {name: str(value) for name, value in penguin.items()}


def test_times_are_those_of_its_readers_on_pages_and_in_utc_for_scripts(
    make_app: MakeApp, demo_models: Path, penguin: dict[str, Any]
) -> None:
    client = make_app(models_dir=demo_models, time_zone="Asia/Kolkata").test_client()
    link = client.post("/models/penguins", data=penguin).headers["Location"]
    at = datetime.fromisoformat(client.get(f"{link}.json").json["created_at"])
    assert at.utcoffset() == timedelta(0)
    there = at.astimezone(ZoneInfo("Asia/Kolkata"))
    time = BeautifulSoup(client.get(link).text, "html.parser").select_one("main time")
    assert time is not None
    assert time.text == f"{there.day} {there:%B %Y, %H:%M} IST"
    page = BeautifulSoup(client.get("/predictions").text, "html.parser")
    assert page.select_one(".rows th").text == "Time (Asia/Kolkata)"  # type: ignore[union-attr]
    assert page.select_one(".rows time").text == f"{there.day} {there:%b %Y, %H:%M} Asia/Kolkata"  # type: ignore[union-attr]


def test_its_id_leads_to_it(client: FlaskClient, link: str) -> None:
    id = link.rsplit("/", 1)[1]
    empty = "&model=&version=&class=&status=&channel=&order=&from=&to=&input=&value="
    for address in (f"/predictions?id={id}", f"/predictions?id=+{id.upper()}+{empty}"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, link)
    assert client.get(f"/predictions?id={id}&model=penguins").status_code == 200
    assert client.get(f"/predictions?id={id[:-1]}").status_code == 422


def test_what_to_do_next_is_named_with_its_access_key(client: FlaskClient, link: str) -> None:
    page = BeautifulSoup(client.get(link).text, "html.parser")
    keys = {each["accesskey"][0]: each["aria-keyshortcuts"] for each in page.select("[accesskey]")}
    assert keys == {key: f"Alt+{key.upper()} Alt+Shift+{key.upper()}" for key in "nef"}
    assert {each.text for each in page.select("kbd")} == set(keys)


def test_without_its_model_there_is_nothing_to_do_next(client: FlaskClient, link: str) -> None:
    client.post("/v2/repository/models/penguins/unload")
    page = BeautifulSoup(client.get(link).text, "html.parser")
    assert page.select("main [accesskey]") == []
    assert "39.1" in page.select_one("[aria-labelledby=inputs]").text


def test_it_shows_warnings(client: FlaskClient, penguin: dict[str, Any]) -> None:
    link = client.post("/models/penguins", data=penguin | {"bill_length_mm": "80"}).headers["Location"]
    page = BeautifulSoup(client.get(link).text, "html.parser")
    assert "outside the training range" in page.select_one(".caution li").text


def test_it_says_what_the_model_took_for_a_blank(client: FlaskClient, penguin: dict[str, Any]) -> None:
    link = client.post("/models/penguins", data=penguin | {"bill_length_mm": ""}).headers["Location"]
    page = BeautifulSoup(client.get(link).text, "html.parser")
    said = "1 input was left blank and filled in by the model: Bill length (44.45 mm)."
    assert page.select_one(".caution li").text == said
    assert len(client.get(f"{link}.json").json["warnings"]) == 1


@pytest.mark.parametrize(("size", "word", "number"), [("5", "typical", 1), ("500", "unusual", -1)])
def test_a_detector_of_outliers_answers_people_in_a_word(make_app: MakeApp, size: str, word: str, number: int) -> None:
    detector = IsolationForest(n_estimators=20, random_state=0)
    client = make_app({"odd": detector.fit([[each] for each in range(1, 10)])}).test_client()
    link = client.post("/models/odd", data={"x0": size}).headers["Location"]
    page = BeautifulSoup(client.get(link).text, "html.parser")
    assert (page.h1.text.strip(), page.select(".bars")) == (word, [])
    assert page.title.text == f"Odd: {word} – Scoredesk"
    assert word in BeautifulSoup(client.get("/predictions").text, "html.parser").select_one(".rows tbody").text
    assert client.get(f"{link}.json").json["prediction"] == number


def test_it_shows_a_rejection_as_one(client: FlaskClient) -> None:
    client.post("/models/penguins", data={"bill_length_mm": "long"})
    id = client.get("/predictions.json").json["predictions"][0]["id"]
    page = BeautifulSoup(client.get(f"/predictions/{id}").text, "html.parser")
    assert page.h1.text == "No answer"
    assert "must be a number" in page.select_one("main").text


def test_it_outlives_its_model(make_app: MakeApp, client: FlaskClient, link: str) -> None:
    page = BeautifulSoup(make_app().test_client().get(link).text, "html.parser")
    assert page.h1.text == "Adelie"
    assert "Torgersen" in page.select_one("main").text


def test_it_comes_as_json_and_csv(client: FlaskClient, link: str, penguin: dict[str, Any]) -> None:
    record = client.get(f"{link}.json").json
    assert record["inputs"] == penguin
    assert record == client.get(f"/api/v1{link}").json
    (row,) = csv.DictReader(io.StringIO(client.get(f"{link}.csv").text))
    assert (row["id"], row["prediction"], row["input island"]) == (record["id"], "Adelie", "Torgersen")


NEVER_GIVEN = [uuid4(), "x", "01a209ab-fbd4-7000-b4a8-717520fc867d", "ffffffff-ffff-7fff-bfff-ffffffffffff"]


@pytest.mark.parametrize("id", NEVER_GIVEN)
@pytest.mark.parametrize(
    "path", ["/predictions/{}", "/predictions/{}.json", "/predictions/{}.csv", "/api/v1/predictions/{}"]
)
def test_it_knows_no_other_id(client: FlaskClient, id: object, path: str) -> None:
    assert client.get(path.format(id)).status_code == 404
