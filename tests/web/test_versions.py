"""The versions of a model: their JSON, their card page, and their own predictions"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from palmerpenguins import load_penguins
from sklearn.linear_model import LinearRegression
from sklearn.svm import SVR

from tests.conftest import MakeApp
from tests.versions.estimators import LOADER, put, times
from webapp.services.model_store.card_writer import CardWriter


@pytest.fixture
def lines(make_app: MakeApp, tmp_path: Path) -> FlaskClient:
    """Three versions of a line; the third can't be served."""
    for version in (1, 2):
        put(times(version), tmp_path / "line" / f"{version}.joblib")
    (tmp_path / "line" / "3.joblib").write_bytes(b"no pickle")
    return make_app().test_client()


@pytest.fixture
def penguins(make_app: MakeApp, tmp_path: Path, demo_models: Path) -> FlaskClient:
    """The penguins with a card that was measured."""
    path = tmp_path / "penguins" / "1.joblib"
    path.parent.mkdir()
    path.write_bytes((demo_models / "penguins.joblib").read_bytes())
    words = b'{"title": "Species of a penguin", "description": "For <b>field</b> work."}'
    writer = CardWriter(words=words, sample=load_penguins().to_csv(index=False).encode(), targets=("species",))
    path.with_suffix(".json").write_bytes(writer.write(LOADER.load(path, model="penguins"), "Ada").card.to_bytes())
    return make_app().test_client()


def predict(client: FlaskClient, version: str) -> Any:
    return client.post(f"/api/v1/models/line{version}/predict", json={"inputs": {"x0": 10}})


def test_it_lists_the_versions_the_newest_first(lines: FlaskClient) -> None:
    versions = lines.get("/api/v1/models/line").json["versions"]
    assert [(each["version"], each["state"]) for each in versions] == [
        ("3", "refused"),
        ("2", "champion"),
        ("1", "not loaded"),
    ]
    assert "is damaged" in versions[0]["reason"]


def test_the_newest_that_can_answers_until_one_is_promoted(lines: FlaskClient) -> None:
    answer = predict(lines, "").json
    assert (answer["version"], answer["prediction"]) == ("2", pytest.approx(20))


def test_each_version_can_be_asked(lines: FlaskClient) -> None:
    answer = predict(lines, "/versions/1").json
    assert (answer["version"], answer["prediction"]) == ("1", pytest.approx(10))
    assert lines.get(f"/api/v1/predictions/{answer['id']}").json["version"] == "1"
    assert lines.get("/api/v1/models/line").json["versions"][2]["state"] == "loaded"


def test_one_that_cant_be_served_says_why(lines: FlaskClient) -> None:
    answer = predict(lines, "/versions/3")
    assert answer.status_code == 503
    assert "is damaged" in answer.json["error"]


@pytest.mark.parametrize("version", ["7", "0", "01", "latest", "..", "1.0"])
def test_there_is_no_other_version(lines: FlaskClient, version: str) -> None:
    assert predict(lines, f"/versions/{version}").status_code == 404
    assert lines.get(f"/models/line/card?version={version}").status_code == 404


def test_a_bare_file_is_a_version_too(make_app: MakeApp) -> None:
    client = make_app({"line": times(1)}).test_client()
    (version,) = client.get("/api/v1/models/line").json["versions"]
    assert (version["version"], version["state"]) == (version["digest"][:12], "champion")
    assert predict(client, f"/versions/{version['version']}").status_code == 200


def test_scripts_get_the_card_without_its_golden_rows(penguins: FlaskClient) -> None:
    answer = penguins.get("/api/v1/models/penguins")
    card = answer.json["card"]
    assert (card["title"], card["golden_rows"]) == ("Species of a penguin", 10)
    assert "golden" not in card
    assert card["metrics"][0]["method"] == "Wilson"
    assert len(card["signature"]["inputs"][0]["reference"]["bounds"]) == 9
    assert penguins.get("/api/v1/models/penguins/versions/1").json["card"] == card


def test_people_get_the_card_as_a_page(penguins: FlaskClient) -> None:
    page = BeautifulSoup(penguins.get("/models/penguins/card").text, "html.parser")
    text = " ".join(page.select_one("main").text.split())
    assert "Correct answers (accuracy)99.7 % (95 % confidence interval: 98.4 % to 99.9 %)" in text
    assert "Telling each class from the rest, on average (macro AUC; 0.5 is chance, 1 is perfect)1" in text
    assert "Measured on 344 cases" in text
    assert "by Ada" in text
    assert "10 known cases" in text
    assert "For <b>field</b> work." in text
    assert page.select_one(".crumb").text == "Species of a penguin"


def test_values_that_never_met_in_the_sample_are_warned_of(
    make_app: MakeApp, tmp_path: Path, demo_models: Path
) -> None:
    path = tmp_path / "mass" / "1.joblib"
    path.parent.mkdir()
    path.write_bytes((demo_models / "penguin-mass.joblib").read_bytes())
    writer = CardWriter(sample=load_penguins().to_csv(index=False).encode())
    path.with_suffix(".json").write_bytes(writer.write(LOADER.load(path, model="mass"), "Ada").card.to_bytes())
    client = make_app().test_client()
    answers = [
        client.post("/api/v1/models/mass/predict", json={"inputs": {"species": "Chinstrap", "island": island}}).json
        for island in ("Biscoe", "Dream")
    ]
    assert [[each["msg"] for each in answer["warnings"]] for answer in answers] == [
        ["The sample of 344 cases has no case with Species Chinstrap and Island Biscoe."],
        [],
    ]
    record = client.get(f"/api/v1/predictions/{answers[0]['id']}").json
    assert record["warnings"] == answers[0]["warnings"]


def test_the_form_leads_to_the_card(penguins: FlaskClient) -> None:
    page = BeautifulSoup(penguins.get("/models/penguins").text, "html.parser")
    assert page.select_one("h1").text == "Species of a penguin"
    assert page.select_one(".lead a")["href"] == "/models/penguins/card"


def test_a_model_without_a_card_has_its_page_all_the_same(client: FlaskClient) -> None:
    assert "the file was put into the models folder" in client.get("/models/breast-cancer/card").text
    assert client.get("/api/v1/models/breast-cancer").json["card"] is None


@pytest.mark.parametrize(
    ("estimator", "to_scripts", "to_people"),
    [
        (LinearRegression(), "its compiled form, which agreed", "an optimised copy of the model"),
        (SVR(), "the estimator itself: SVR has no compiled form", "the model itself"),
    ],
)
def test_it_tells_which_form_answers_and_why(
    make_app: MakeApp, estimator: Any, to_scripts: str, to_people: str
) -> None:
    client = make_app({"line": estimator.fit([[0.0], [1.0]], [0.0, 1.0])}).test_client()
    assert client.get("/api/v1/models/line").json["answered_by"].startswith(to_scripts)
    page = BeautifulSoup(client.get("/models/line/card").text, "html.parser")
    (told,) = [row.td.text for row in page.select("tr") if row.th and row.th.text == "Answered by"]
    assert told.startswith(to_people)


def test_the_page_of_another_version_says_so(lines: FlaskClient) -> None:
    assert "which is not in use" in lines.get("/models/line/card?version=1").text
    assert "which is not in use" not in lines.get("/models/line/card?version=2").text


def test_the_list_tells_that_another_version_stands_in(lines: FlaskClient) -> None:
    assert "line, version 3" in lines.get("/").text
