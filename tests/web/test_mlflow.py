"""MLflow scoring, as its clients speak it."""

from __future__ import annotations

import json
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

PENGUIN = ("island", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex")
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
        {"dataframe_records": [penguin], "params": {"temperature": 1}},
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


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": ["Island", "Bill length mm"], "data": [["Dream", 46.5]]}},
        {"dataframe_records": [{"Island": "Dream"}, {"Bill length mm": 46.5}]},
        {"instances": [{"Island": "Dream", "Bill length mm": 46.5}]},
        {"inputs": {"Island": ["Dream"], "Bill length mm": [46.5]}},
        "Island,Bill length mm\nDream,46.5\n",
    ],
)
def test_a_table_with_other_columns_is_refused_by_their_names(client: FlaskClient, body: Any) -> None:
    sent = {"data": body, "content_type": "text/csv"} if isinstance(body, str) else {"json": body}
    answer = client.post(URL, **sent)
    assert answer.status_code == 400
    assert "“Island” is not an input of this model. Did you mean “island”?" in answer.json["message"]
    assert "“Bill length mm” is not an input of this model. Did you mean “bill_length_mm”?" in answer.json["message"]
    missing = "bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g, island or sex"
    assert f"The table has no column for {missing}." in answer.json["message"]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("island\tbill_length_mm\nDream\t46.5\n", "separated by tabs. Separate them by commas."),
        ("island;bill_length_mm\nDream;46.5\n", "separated by semicolons. Separate them by commas."),
        ("island, bill_length_mm\nDream, 46.5\n", "“ bill_length_mm” is not an input of this model. Did you mean"),
        ("foo\n1\n", "“foo” is not an input of this model. The table"),
    ],
)
def test_a_table_that_is_no_such_csv_is_not_taken_for_blanks(client: FlaskClient, table: str, words: str) -> None:
    answer = client.post(URL, data=table, content_type="text/csv")
    assert (answer.status_code, words in answer.json["message"]) == (400, True), answer.json


def test_a_table_with_one_column_too_many_is_refused(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"dataframe_records": [penguin | {"name": "Pingu"}]})
    assert answer.status_code == 400
    assert answer.json["message"].endswith("“name” is not an input of this model.")


def test_warnings_stand_beside_the_answers(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"instances": [penguin, penguin | {"sex": None}]}).json
    assert answer["warnings"] == [[], ["1 input was left blank and filled in by the model: Sex (male)."]]


def test_columns_that_pandas_has_numbered_are_the_inputs_of_a_model_without_names(make_app: MakeApp) -> None:
    X = pd.DataFrame([[0.0, 5.0], [1.0, 3.0], [2.0, 9.0]])
    client = make_app({"numbered": LinearRegression().fit(X, X[0])}).test_client()
    url, turned = "/mlflow/numbered/invocations", X[[1, 0]]
    tables: list[dict[str, Any]] = [
        {"json": {"dataframe_split": json.loads(turned.to_json(orient="split"))}},
        {"json": {"dataframe_records": json.loads(turned.to_json(orient="records"))}},
        {"json": {"inputs": turned.to_dict(orient="list")}},
        {"data": turned.to_csv(index=False), "content_type": "text/csv"},
    ]
    for table in tables:
        answer = client.post(url, **table)
        assert answer.status_code == 200, answer.json
        assert answer.json["predictions"] == pytest.approx([0, 1, 2], abs=1e-9)
    native = client.post("/api/v1/models/numbered/predict", json={"inputs": {"1": 3.0, "0": 1.0}})
    assert native.json["prediction"] == pytest.approx(1)
    refused = client.post(url, json={"dataframe_split": {"columns": [1, 2], "data": [[0.0, 1.0]]}})
    assert "“2” is not an input of this model." in refused.json["message"]


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
        ({"inputs": [{}]}, "The table has no column for"),
        ({"dataframe_records": [{}, {}]}, "The table has no column for"),
        ({"dataframe_split": {"columns": [], "data": [[]]}}, "Send 1 to"),
        ({"dataframe_split": {"columns": [["island"]], "data": [["a"]]}}, "different names"),
        ({"dataframe_records": [3]}, "a list of objects"),
        ({"inputs": {"island": ["Dream"], "sex": []}}, "same length"),
        ({"instances": [[1]], "params": []}, "A row of this model has 6 values"),
        ({"inputs": {"island": ["Dream"]}, "params": 3}, "params"),
        ({"inputs": {"island": ["Dream"]}, "params": False}, "params"),
        ({"dataframe_records": [dict.fromkeys(PENGUIN) | {"island": "Nowhere"}]}, "Island must be"),
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
