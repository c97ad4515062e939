"""The card's labels of choices, classes and outputs, wherever people read them; scripts get the values"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder

from tests.conftest import MakeApp

X = pd.DataFrame({"sex": ["f", "m", "f", "m"] * 10, "age": [30.0, 40.0, 60.0, 70.0] * 10})
DIED = [0, 0, 1, 1] * 10
PATIENT = {"sex": "f", "age": 45}
WORDS: dict[str, Any] = {
    "title": "Liver follow-up",
    "choices": {"sex": {"f": "female", "m": "male"}},
    "classes": {"0": "Survived", "1": "Died within follow-up"},
    "output": {"label": "Outcome"},
}


def estimator(final: Any, target: Any) -> Any:
    columns = make_column_transformer((OneHotEncoder(), ["sex"]), (MinMaxScaler(), ["age"]))
    return make_pipeline(columns, final).fit(X, target)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    joblib.dump(estimator(LogisticRegression(), DIED), tmp_path / "liver.joblib")
    joblib.dump(estimator(LinearRegression(), X["age"] / 7), tmp_path / "weight.joblib")
    (tmp_path / "weight.json").write_text('{"output": {"label": "Birth weight", "unit": "lb", "digits": 1}}')
    return tmp_path


def serve(make_app: MakeApp, folder: Path, **words: Any) -> FlaskClient:
    (folder / "liver.json").write_text(json.dumps(WORDS | words))
    return make_app().test_client()


def ask(client: FlaskClient, model: str = "liver", **inputs: Any) -> Any:
    return client.post(f"/api/v1/models/{model}/predict", json={"inputs": PATIENT | inputs}).json


def page(client: FlaskClient, address: str) -> str:
    return " ".join(BeautifulSoup(client.get(address).text, "html.parser").get_text(" ").split())


def headings(client: FlaskClient, id: str) -> list[str]:
    soup = BeautifulSoup(client.get(f"/predictions/{id}").text, "html.parser")
    return [" ".join(each.get_text(" ").split()) for each in soup.select("h1")]


def test_the_form_shows_labels_and_records_values(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder)
    soup = BeautifulSoup(client.get(f"/models/liver?again={ask(client)['id']}").text, "html.parser")
    assert [each["value"] for each in soup.select("input[name=sex]")] == ["female", "male"]
    assert soup.select_one("input[name=sex][checked]")["value"] == "female"
    for text in ("female", "f"):
        record = client.post("/models/liver", data={"sex": text, "age": "45"}).headers["Location"]
        assert client.get(f"{record.partition('?')[0]}.json").json["inputs"]["sex"] == "f"


def test_a_record_is_read_in_labels_and_exported_in_values(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder)
    answer = ask(client)
    assert (answer["prediction"], list(answer["probabilities"])) == (0, ["0", "1"])
    assert headings(client, answer["id"]) == ["Outcome Survived"]
    text = page(client, f"/predictions/{answer['id']}")
    for words in (
        "Sex female",
        "the model gives",
        "for Survived",
        "Sex: female",
        "the answer would be Died within follow-up.",
        "male",
    ):
        assert words in text
    exported = client.get(f"/predictions/{answer['id']}.csv").text
    assert "female" not in exported
    assert "Survived" not in exported


def test_the_list_and_its_filter_speak_labels_and_the_address_has_values(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder)
    ask(client)
    ask(client, age=69)
    soup = BeautifulSoup(client.get("/predictions?model=liver").text, "html.parser")
    assert [" ".join(row.select("td")[2].get_text(" ").split()) for row in soup.select(".rows tbody tr")] == [
        "Died within follow-up 86.9 %",
        "Survived 52.3 %",
    ]
    link = soup.find("a", string="Survived")
    assert "class=0" in link["href"]
    assert "Answer: Survived" in page(client, link["href"])


def test_the_reported_class_is_the_headline_whatever_is_predicted(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder, report="1", thresholds={"1": 0.6})
    for age, side in ((45, "below"), (70, "at or above")):
        answer = ask(client, age=age)
        share = f"{answer['probabilities']['1'] * 100:.1f} %"
        (heading,) = headings(client, answer["id"])
        assert heading == f"Outcome Died within follow-up: {share}, {side} the threshold of 60 %"
        assert f"{share}, {side} the threshold of 60 %" in page(client, "/predictions")
    text = page(client, f"/predictions/{answer['id']}")
    assert "for Died within follow-up; this case gets" in text
    assert "Results show the probability of Died within follow-up, with a threshold of 60 %." in page(
        client, "/models/liver/card"
    )


def test_a_suggestion_leads_to_the_other_side_of_the_threshold(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder, report="1", thresholds={"1": 0.9})
    answer = ask(client, age=69)
    explained = client.post("/api/v1/models/liver/predict?explain=true", json={"inputs": PATIENT | {"age": 69}}).json
    (explanation,) = explained["explanations"]
    below = answer["probabilities"]["1"] < 0.9
    assert answer["prediction"] == 1
    assert below
    assert explanation["explains"] == {"probability_of": 1}
    assert all(change["score"] >= 0.9 for change in explanation["changes"])


def test_a_threshold_says_nothing_of_what_another_file_answered(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder, report="1", thresholds={"1": 0.6})
    before = ask(client)["id"]
    joblib.dump(estimator(LogisticRegression(C=2), DIED), folder / "liver.joblib")
    client = serve(make_app, folder, report="1", thresholds={"1": 0.6})
    assert headings(client, before) == ["Outcome Survived"]


def test_a_number_has_its_name_its_unit_and_its_decimals(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder)
    answer = ask(client, "weight", age=49)
    assert answer["prediction"] == pytest.approx(7)
    assert headings(client, answer["id"]) == ["Birth weight 7.0 lb"]
    assert "Predicts Birth weight (lb)." in page(client, "/models/weight")
    text = page(client, f"/predictions/{answer['id']}")
    assert "for this case it predicts 7.0 lb" in text
    assert "7.0 lb" in page(client, "/predictions")


def test_the_description_of_a_model_has_values_and_their_labels(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder, report="1", thresholds={"1": 0.6})
    described = client.get("/api/v1/models/liver").json
    assert described["inputs"][0]["choices"] == ["f", "m"]
    assert described["inputs"][0]["choice_labels"] == {"f": "female", "m": "male"}
    (output,) = described["outputs"]
    assert output == {
        "name": "y",
        "classes": [0, 1],
        "label": "Outcome",
        "unit": None,
        "class_labels": {"0": "Survived", "1": "Died within follow-up"},
        "reported": "1",
        "thresholds": {"1": 0.6},
    }
    assert described["schema"]["properties"]["sex"]["description"] == "f: female, m: male."
    (error,) = ask(client, sex="female")["errors"]
    assert error["msg"] == "Sex must be female (f) or male (m)."


def test_the_card_page_and_the_home_page_speak_labels(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder)
    assert "female (f), male (m)" in page(client, "/models/liver/card")
    assert "Predicts Outcome: Survived or Died within follow-up." in page(client, "/")


def test_a_title_is_the_same_everywhere(make_app: MakeApp, folder: Path) -> None:
    client = serve(make_app, folder)
    record = f"/predictions/{ask(client)['id']}"
    for address in ("/", "/models/liver", "/models/liver/card", "/predictions", "/predictions?model=liver", record):
        assert "Liver follow-up" in page(client, address)
        assert "Liver " not in page(client, address).replace("Liver follow-up", "")
