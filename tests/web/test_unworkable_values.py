"""A value that the estimator can't work with is refused by the name of its input, through each door."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import CategoricalNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PowerTransformer, SplineTransformer

from tests.conftest import MakeApp

X = pd.DataFrame({"income": np.linspace(1, 20, 40), "age": np.linspace(20, 70, 40)})
Y = X["income"] + X["age"]
CODES = np.array([[0, 0], [1, 2], [2, 1], [1, 1]])
MODELS = {
    "boxed": make_pipeline(PowerTransformer("box-cox"), LinearRegression()).fit(X, Y),
    "codes": CategoricalNB().fit(CODES, [0, 1, 1, 0]),
    "logs": make_pipeline(FunctionTransformer(np.log), LinearRegression()).fit(X, Y),
    "splines": make_pipeline(SplineTransformer(extrapolation="error"), LinearRegression()).fit(X, Y),
    "overflow": make_pipeline(FunctionTransformer(np.exp), LinearRegression()).fit(X / 10, Y),
    "steps": IsotonicRegression(out_of_bounds="raise").fit(X["income"].to_numpy(), Y),
}
#: For each model: inputs that it can answer, and one value that it can't work with.
WRONG = [
    ("boxed", {"income": 3.0, "age": 30.0}, {"income": 0.0}, "Income"),
    ("boxed", {"income": 3.0, "age": 30.0}, {"age": -1.0}, "Age"),
    ("codes", {"x0": 1.0, "x1": 1.0}, {"x1": 7.0}, "x1"),
    ("codes", {"x0": 1.0, "x1": 1.0}, {"x0": -1.0}, "x0"),
    ("logs", {"income": 3.0, "age": 30.0}, {"age": 0.0}, "Age"),
    ("splines", {"income": 3.0, "age": 30.0}, {"income": 99.0}, "Income"),
    ("overflow", {"income": 0.3, "age": 3.0}, {"age": 9999.0}, "Age"),
]


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return MODELS


@pytest.fixture
def client(make_app: MakeApp) -> FlaskClient:
    return make_app(MODELS).test_client()


def sentence(label: str) -> str:
    return f"The model can't work with this value of {label}. Enter another one."


def test_it_is_refused_by_name_and_recorded_without_the_value(client: FlaskClient) -> None:
    for model, good, wrong, label in WRONG:
        url = f"/api/v1/models/{model}/predict"
        assert client.post(url, json={"inputs": good}).status_code == 200, model
        answer = client.post(url, json={"inputs": good | wrong})
        assert answer.status_code == 422, (model, answer.json)
        assert answer.json["errors"] == [{"loc": ["inputs", *wrong], "msg": sentence(label)}]
        kept = client.get("/api/v1/predictions").json["predictions"][0]
        assert (kept["status"], kept["inputs"], kept["errors"]) == ("rejected", None, answer.json["errors"])


def test_each_wrong_value_of_a_list_is_named(client: FlaskClient) -> None:
    rows = [
        {"income": 3.0, "age": 30.0},
        {"income": 0.0, "age": -3.0},
        {"income": 1.0, "age": 30.0},
        {"income": -1.0, "age": 9.0},
    ]
    answer = client.post("/api/v1/models/boxed/predict", json={"inputs": rows})
    assert [error["loc"] for error in answer.json["errors"]] == [
        ["inputs", 1, "income"],
        ["inputs", 1, "age"],
        ["inputs", 3, "income"],
    ]


def test_the_form_shows_it_at_its_field(client: FlaskClient) -> None:
    answer = client.post("/models/boxed", data={"income": "0", "age": "30"})
    assert answer.status_code == 422
    assert sentence("Income").replace("'", "&#39;") in answer.text


def test_other_protocols_say_it_too(client: FlaskClient) -> None:
    rows = [{"income": 3.0, "age": 30.0}, {"income": 0.0, "age": 30.0}]
    for url, body in (
        ("/v1/models/boxed:predict", {"instances": rows}),
        ("/mlflow/boxed/invocations", {"dataframe_records": rows}),
    ):
        answer = client.post(url, json=body)
        assert (answer.status_code, f"Instance 1: {sentence('Income')}" in answer.text) == (400, True)
