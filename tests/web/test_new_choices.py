"""Categories that a model never saw are let through, with a warning, where its card says so and its encoder agreed."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.conftest import MakeApp
from webapp.cell.signature import read_signature
from webapp.errors import CardInvalid
from webapp.models.card import read_card
from webapp.models.card.apply import with_words

DATA = pd.DataFrame(
    {"city": ["Bonn", "Kiel", "Ulm"] * 10, "code": [1, 2, 3] * 10, "size": np.arange(30.0), "strict": ["a", "b"] * 15}
)
MODEL = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["city", "code"]),
        (OneHotEncoder(), ["strict"]),
        remainder="passthrough",
    ),
    LogisticRegression(max_iter=1000),
).fit(DATA, DATA["size"] > 14)
CARD = {"inputs": {"city": {"new_choices": True}, "code": {"new_choices": True}}}
ROW: dict[str, Any] = {"city": "Bonn", "code": 1, "size": 3.0, "strict": "a"}
NEW = {"city": "Rome", "code": 7}
URL = "/api/v1/models/towns/predict"


def warning(label: str) -> str:
    return f"{label} has a value that the model doesn't know; the model treats it as unknown."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    joblib.dump(MODEL, tmp_path / "towns.joblib")
    return tmp_path


@pytest.fixture
def client(make_app: MakeApp, folder: Path) -> FlaskClient:
    (folder / "towns.json").write_text(json.dumps(CARD))
    return make_app(models_dir=folder).test_client()


def test_a_new_value_is_answered_as_the_estimator_does_with_a_warning(client: FlaskClient) -> None:
    answer = client.post(URL, json={"inputs": ROW | NEW}).json
    expected = MODEL.predict_proba(pd.DataFrame([ROW | NEW]))[0]
    assert list(answer["probabilities"].values()) == pytest.approx(expected)
    assert [each["msg"] for each in answer["warnings"]] == [warning("City"), warning("Code")]
    assert client.post(URL, json={"inputs": ROW}).json["warnings"] == []


@pytest.mark.parametrize(
    "wrong", [{"city": ""}, {"city": 3}, {"city": "x" * 2000}, {"code": "7"}, {"code": True}, {"strict": "c"}]
)
def test_what_can_be_no_category_is_still_refused(client: FlaskClient, wrong: dict[str, Any]) -> None:
    assert client.post(URL, json={"inputs": ROW | wrong}).status_code == 422


def test_the_form_takes_it_and_fills_it_in_again(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/models/towns").text, "html.parser")
    city = page.find("input", {"name": "city"})
    assert [option["value"] for option in page.select(f"#{city['list']} option")] == ["Bonn", "Kiel", "Ulm"]
    place = client.post("/models/towns", data=ROW | NEW).headers["Location"]
    shown = BeautifulSoup(client.get(place).text, "html.parser")
    assert warning("City") in shown.text
    again = shown.find("a", string=lambda text: text and "predict again" in text.lower())
    filled = BeautifulSoup(client.get(again["href"]).text, "html.parser")
    assert [filled.find("input", {"name": name})["value"] for name in NEW] == ["Rome", "7"]


def test_tables_and_tensors_take_it_too(client: FlaskClient) -> None:
    table = pd.DataFrame([ROW | NEW])
    csv = client.post("/mlflow/towns/invocations", data=table.to_csv(index=False), content_type="text/csv").json
    rows = client.post("/v1/models/towns:predict", json={"instances": [ROW | NEW]}).json
    assert csv["warnings"] == rows["warnings"] == [[warning("City"), warning("Code")]]
    assert csv["predictions"] == rows["predictions"]


def test_its_answer_is_explained(client: FlaskClient) -> None:
    answer = client.post(f"{URL}?explain=true", json={"inputs": ROW | NEW}).json
    assert answer["explanations"]


def test_without_the_card_a_new_value_is_refused(make_app: MakeApp, folder: Path) -> None:
    client = make_app(models_dir=folder).test_client()
    assert client.post(URL, json={"inputs": ROW | NEW}).status_code == 422


def test_a_card_can_t_let_through_what_the_estimator_refuses() -> None:
    for name in ("strict", "size"):
        card = read_card(json.dumps({"inputs": {name: {"new_choices": True}}}).encode())
        with pytest.raises(CardInvalid, match="doesn't know"):
            with_words(read_signature(MODEL), card)


def test_a_sample_may_hold_new_values_if_the_card_says_so(make_app: MakeApp, folder: Path) -> None:
    app = make_app(models_dir=folder)
    text = io.StringIO()
    pd.DataFrame([ROW | NEW, ROW] * 6).to_csv(text, index=False)
    (folder / "sample.csv").write_text(text.getvalue())
    (folder / "card.txt").write_text(json.dumps(CARD))
    command = [
        "models",
        "publish",
        str(folder / "towns.joblib"),
        "--name",
        "new",
        "--sample",
        str(folder / "sample.csv"),
    ]
    refused = app.test_cli_runner().invoke(args=command)
    assert (refused.exit_code, "Row 1: City must be" in refused.output, "Row 11: City" in refused.output) == (
        1,
        True,
        True,
    )
    published = app.test_cli_runner().invoke(args=[*command, "--card", str(folder / "card.txt")])
    assert published.exit_code == 0, published.output
