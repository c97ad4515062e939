"""Names and choices that are nearly right: each address refuses them, and asks whether the right one was meant"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.conftest import MakeApp
from webapp.helpers.accounts.roles import Role

DATA = pd.DataFrame({"Age": [20.0, 30.0, 40.0, 50.0], "status": ["Married", "Single", "Married", "Single"]})
MODEL = make_pipeline(
    make_column_transformer((OneHotEncoder(), ["status"]), remainder="passthrough"), LogisticRegression()
).fit(DATA, [0, 1, 0, 1])


def body(path: str, row: dict[str, Any]) -> Any:
    """Write a row as the protocol of the address has it."""
    if path.startswith("/v2"):
        kinds = {float: "FP64", str: "BYTES"}
        return {
            "inputs": [
                {"name": name, "shape": [1, 1], "datatype": kinds[type(value)], "data": [value]}
                for name, value in row.items()
            ]
        }
    if path.startswith("/v1"):
        return {"instances": [row]}
    return {"dataframe_records": [row]} if path.startswith("/mlflow") else {"inputs": row}


@pytest.fixture
def client(make_app: MakeApp, tmp_path: Path) -> FlaskClient:
    joblib.dump(MODEL, tmp_path / "loans.joblib")
    return make_app().test_client()


DOORS = pytest.mark.parametrize(
    "path",
    ["/api/v1/models/{}/predict", "/v1/models/{}:predict", "/v2/models/{}/infer", "/mlflow/{}/invocations"],
    ids=["native", "V1", "V2", "MLflow"],
)


@DOORS
def test_an_input_with_nearly_the_right_name_is_refused_with_the_right_one(client: FlaskClient, path: str) -> None:
    answer = client.post(path.format("loans"), json=body(path, {"age": 30.0, "status": "Single"}))
    assert answer.status_code in (400, 422)
    assert "“age” is not an input of this model. Did you mean “Age”?" in answer.get_data(as_text=True)


@DOORS
def test_a_choice_that_is_nearly_right_is_refused_with_the_right_one(client: FlaskClient, path: str) -> None:
    answer = client.post(path.format("loans"), json=body(path, {"Age": 30.0, "status": "married"}))
    assert answer.status_code in (400, 422)
    text = answer.get_data(as_text=True)
    assert "Status must be Married or Single. Did you mean “Married”?" in text
    assert "“married”" not in text


@DOORS
def test_a_model_with_nearly_the_right_name_is_not_found_and_named(client: FlaskClient, path: str) -> None:
    answer = client.post(path.format("Loan"), json=body(path, {"Age": 30.0, "status": "Single"}))
    assert answer.status_code == 404
    assert "There is no model with this name. Did you mean “loans”?" in answer.get_data(as_text=True)


def test_a_choice_that_is_like_none_gets_no_suggestion(client: FlaskClient) -> None:
    answer = client.post("/api/v1/models/loans/predict", json={"inputs": {"Age": 30.0, "status": "widowed"}})
    assert answer.json["errors"] == [{"loc": ["inputs", "status"], "msg": "Status must be Married or Single."}]


def test_a_page_that_does_not_exist_leads_to_the_right_name_too(client: FlaskClient) -> None:
    assert "Did you mean “loans”?" in client.get("/models/Loans").text
    assert "Did you mean" not in client.get("/models/cats").text


def test_a_model_that_the_caller_may_not_use_is_never_suggested(make_app: MakeApp, tmp_path: Path) -> None:
    for name in ("loans", "loan"):
        joblib.dump(MODEL, tmp_path / f"{name}.joblib")
    app = make_app(auth="login")
    services = app.extensions["scoredesk"]
    own = services.keys.make("own", Role.PREDICT, models=["loan"])
    all_models = services.keys.make("all", Role.PREDICT)
    (tmp_path / "loan.joblib").unlink()
    services.store.refresh()
    asked = {
        key: app.test_client().get("/api/v1/models/loan", headers={"Authorization": f"Bearer {key}"}).json["error"]
        for key in (own, all_models)
    }
    assert asked[own] == "There is no model with this name."
    assert asked[all_models].endswith("Did you mean “loans”?")


def test_a_value_that_is_not_kept_gets_no_suggestion_because_the_errors_are_kept(
    make_app: MakeApp, tmp_path: Path
) -> None:
    joblib.dump(MODEL, tmp_path / "loans.joblib")
    (tmp_path / "loans.json").write_text(json.dumps({"redact": ["status"]}))
    client = make_app().test_client()
    answer = client.post("/api/v1/models/loans/predict", json={"inputs": {"Age": 30.0, "status": "married"}})
    assert answer.json["errors"] == [{"loc": ["inputs", "status"], "msg": "Status must be Married or Single."}]


def test_nothing_of_what_was_sent_is_logged(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post("/api/v1/models/loans/predict", json={"inputs": {"agge": 30.0, "status": "maried"}})
        client.post("/api/v1/models/lones/predict", json={"inputs": {}})
    assert not [word for word in ("agge", "maried", "lones") if word in caplog.text]


@pytest.mark.parametrize("path", ["/api/v1/models/loans/predict", "/v1/models/loans:predict"])
def test_a_list_that_is_too_long_is_refused_with_what_to_do(client: FlaskClient, path: str) -> None:
    name = "inputs" if path.startswith("/api") else "instances"
    answer = client.post(path, json={name: [{"Age": 30.0, "status": "Single"}] * 1025})
    sentence = "Send 1 to 1024 instances in one request, not 1025. Split a longer list into lists of at most"
    assert sentence in json.dumps(answer.json, ensure_ascii=False)
