"""GET /predictions/<id>, with .json and .csv"""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

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
