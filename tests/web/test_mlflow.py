"""MLflow scoring, as its clients speak it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.conftest import MakeApp
from webapp.config import VERSION

URL = "/mlflow/penguins/invocations"


@pytest.fixture
def line(make_app: MakeApp) -> FlaskClient:
    """A client of an app with one model alone."""
    return make_app({"line": LinearRegression().fit([[0.0, 0.0], [1.0, 2.0]], [0.0, 1.0])}).test_client()


def bodies(penguin: dict[str, Any]) -> list[dict[str, Any]]:
    """The penguin in all shapes that MLflow's clients send."""
    return [
        {"dataframe_split": {"columns": list(penguin), "index": [0], "data": [list(penguin.values())]}},
        {"dataframe_records": [penguin]},
        {"instances": [penguin]},
        {"inputs": {name: [value] for name, value in penguin.items()}},
        {"inputs": penguin},
        {"inputs": [penguin]},
        {"dataframe_records": [penguin | {"name": "Pingu"}], "params": {"temperature": 1}},
    ]


@pytest.mark.parametrize("shape", range(7))
def test_it_takes_each_shape(client: FlaskClient, penguin: dict[str, Any], shape: int) -> None:
    answer = client.post(URL, json=bodies(penguin)[shape])
    assert answer.status_code == 200
    assert answer.json["predictions"] == ["Adelie"]
    (kept,) = client.get("/api/v1/predictions").json["predictions"]
    assert (kept["channel"], kept["inputs"]) == ("mlflow", penguin)
    assert answer.json["prediction_ids"] == [kept["id"]]


def test_it_takes_csv_with_blanks(client: FlaskClient, penguin: dict[str, Any]) -> None:
    lines = [",".join(penguin), ",".join(map(str, penguin.values())), ",,,,Dream,"]
    answer = client.post(URL, data="\n".join(lines), content_type="text/csv")
    assert len(answer.json["predictions"]) == 2
    second, first = client.get("/api/v1/predictions").json["predictions"]
    assert (first["inputs"], second["inputs"]) == (penguin, dict.fromkeys(penguin) | {"island": "Dream"})


def test_of_csv_it_reads_no_more_rows_than_one_request_may_hold(client: FlaskClient) -> None:
    answer = client.post(URL, data="island\n" + "Dream\n" * 9999, content_type="text/csv")
    assert (answer.status_code, "Send 1 to" in answer.json["message"]) == (400, True)


def test_it_takes_csv_as_pandas_writes_it(make_app: MakeApp) -> None:
    rows = pd.DataFrame({"member": [True, False] * 4, "grade": [1, 2, 3, 1] * 2, "sales": range(8)})
    encoder = make_column_transformer((OneHotEncoder(), ["member", "grade"]), remainder="passthrough")
    model = make_pipeline(encoder, LinearRegression()).fit(rows, rows["sales"])
    client = make_app({"sales": model}).test_client()
    # A column with a blank is one of floats.
    body = "member,grade,sales\nTrue,1.0,2\nFalse,3,4.0\n"
    answer = client.post("/mlflow/sales/invocations", data=body, content_type="text/csv")
    assert answer.status_code == 200, answer.json
    kept = [each["inputs"] for each in client.get("/api/v1/predictions").json["predictions"]]
    assert {"member": True, "grade": 1, "sales": 2.0} in kept
    assert {"member": False, "grade": 3, "sales": 4.0} in kept


@pytest.mark.parametrize("body", ["", "a,a\n1,2", "a,b\n1", '"a', b"\xff\n1"])
def test_csv_that_can_not_be_read_is_refused(client: FlaskClient, body: Any) -> None:
    answer = client.post(URL, data=body, content_type="text/csv")
    assert (answer.status_code, answer.json["error_code"]) == (400, "BAD_REQUEST")


def test_the_method_can_be_chosen(client: FlaskClient, penguin: dict[str, Any]) -> None:
    native = client.post("/api/v1/models/penguins/predict", json={"inputs": penguin}).json
    answer = client.post(URL, json={"instances": [penguin], "params": {"predict_method": "predict_proba"}})
    assert answer.json["predictions"] == [list(native["probabilities"].values())]
    mass = client.post(
        "/mlflow/penguin-mass/invocations",
        json={"instances": [{"species": "Gentoo"}], "params": {"predict_method": "predict_proba"}},
    )
    assert (mass.status_code, "predict_method" in mass.json["message"]) == (400, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "exactly one of"),
        ([], "exactly one of"),
        ({"instances": [], "inputs": []}, "exactly one of"),
        ({"instances": [], "rows": []}, "exactly one of"),
        ({"instances": 3}, "a list"),
        ({"instances": []}, "Send 1 to"),
        ({"inputs": []}, "Send 1 to"),
        ({"inputs": {}}, "Send 1 to"),
        ({"inputs": {"island": ["Dream"] * 9999}}, "Send 1 to"),
        ({"instances": [1] * 9999}, "Send 1 to"),
        ({"dataframe_records": [{}] * 9999}, "Send 1 to"),
        ({"dataframe_split": {"columns": ["a"], "data": [[]] * 9999}}, "Send 1 to"),
        ({"dataframe_split": []}, "columns and data"),
        ({"dataframe_split": {"columns": ["island"], "data": []}}, "Send 1 to"),
        ({"dataframe_split": {"columns": ["island"], "data": [["Dream", 1]]}}, "each of its columns"),
        ({"dataframe_split": {"columns": ["island", "island"], "data": [["a", "b"]]}}, "different names"),
        ({"dataframe_split": {"columns": [["island"]], "data": [["a"]]}}, "different names"),
        ({"dataframe_records": [3]}, "a list of objects"),
        ({"inputs": {"island": ["Dream"], "sex": []}}, "same length"),
        ({"instances": [[1]], "params": []}, "A row of this model has 6 values"),
        ({"inputs": {"island": ["Dream"]}, "params": 3}, "params"),
        ({"inputs": {"island": ["Dream"]}, "params": False}, "params"),
        ({"dataframe_records": [{"island": "Nowhere"}]}, "Island must be"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code_and_a_sentence(client: FlaskClient, body: Any, words: str) -> None:
    answer = client.post(URL, json=body)
    assert (answer.status_code, set(answer.json)) == (400, {"error_code", "message"})
    assert answer.json["error_code"] == "BAD_REQUEST"
    assert words in answer.json["message"]


@pytest.mark.parametrize("kind", [None, "text/plain", "application/json; charset=latin-1", "application/json; a=b"])
def test_another_content_type_is_refused(client: FlaskClient, kind: str | None) -> None:
    assert client.post(URL, data=b"{}", content_type=kind).status_code == 415


def test_utf_8_may_be_said(client: FlaskClient, penguin: dict[str, Any]) -> None:
    import json

    body = json.dumps({"instances": [penguin]})
    assert client.post(URL, data=body, content_type="application/json; charset=UTF-8").status_code == 200


def test_the_only_model_is_the_default(line: FlaskClient) -> None:
    assert line.post("/invocations", json={"inputs": [[1.0, 2.0]]}).json["predictions"] == pytest.approx([1])
    assert (line.get("/ping").data, line.get("/health").status_code) == (b"\n", 200)
    assert line.get("/version").text == VERSION


def test_of_several_none_is_the_default_but_the_chosen_one(make_app: MakeApp, client: FlaskClient) -> None:
    answer = client.post("/invocations", json={"instances": []})
    assert (answer.status_code, answer.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "DEFAULT_MODEL" in answer.json["message"]
    assert client.get("/ping").status_code == 404


def test_the_default_can_be_chosen(make_app: MakeApp, demo_models: Any, penguin: dict[str, Any]) -> None:
    client = make_app(models_dir=demo_models, default_model="penguins").test_client()
    assert client.post("/invocations", json={"instances": [penguin]}).json["predictions"] == ["Adelie"]
    assert client.get("/ping").status_code == 200


def test_each_model_has_its_own_addresses(client: FlaskClient) -> None:
    assert client.get("/mlflow/penguins/ping").status_code == 200
    assert client.get("/mlflow/penguins/health").status_code == 200
    assert client.get("/mlflow/penguins/version").text == VERSION
    answer = client.get("/mlflow/none/ping")
    assert (answer.status_code, answer.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
