"""POST /api/v1/models/<name>/predict"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import joblib
import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from werkzeug.test import TestResponse

from tests.conftest import MakeApp

URL = "/api/v1/models/penguins/predict"
ROWS = "/api/v1/predictions"


def rows(client: FlaskClient) -> list[dict[str, Any]]:
    return client.get(ROWS).json["predictions"]


def post_raw(client: FlaskClient, body: str | bytes) -> TestResponse:
    return client.post(URL, data=body, content_type="application/json")


def test_it_answers_one_instance(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"inputs": penguin})
    assert answer.status_code == 200
    assert set(answer.json) == {
        "id", "model", "version", "prediction", "probabilities", "warnings", "created_at",
    }  # fmt: skip
    assert answer.json["prediction"] == "Adelie"
    assert sum(answer.json["probabilities"].values()) == pytest.approx(1)
    assert list(answer.json["probabilities"]) == ["Adelie", "Chinstrap", "Gentoo"]


def test_it_gives_the_estimators_own_numbers(client: FlaskClient, penguin: dict[str, Any], demo_models: Path) -> None:
    estimator = joblib.load(demo_models / "penguins.joblib")
    expected = estimator.predict_proba(pd.DataFrame([penguin]))[0].tolist()
    given = list(client.post(URL, json={"inputs": penguin}).json["probabilities"].values())
    assert given == pytest.approx(expected, rel=1e-12)


def test_it_answers_a_list_in_its_order(client: FlaskClient, penguin: dict[str, Any]) -> None:
    gentoo = penguin | {"bill_length_mm": 50, "bill_depth_mm": 15, "flipper_length_mm": 220, "island": "Biscoe"}
    answer = client.post(URL, json={"inputs": [penguin, gentoo, penguin]})
    assert [each["prediction"] for each in answer.json["predictions"]] == ["Adelie", "Gentoo", "Adelie"]
    assert set(answer.json) == {"model", "version", "predictions"}
    assert len({each["id"] for each in answer.json["predictions"]}) == 3


def test_it_answers_a_list_of_one_as_a_list(client: FlaskClient, penguin: dict[str, Any]) -> None:
    assert len(client.post(URL, json={"inputs": [penguin]}).json["predictions"]) == 1


def test_a_regressor_has_no_probabilities(client: FlaskClient) -> None:
    inputs = {"species": "Gentoo", "island": "Biscoe"}
    answer = client.post("/api/v1/models/penguin-mass/predict", json={"inputs": inputs})
    assert "probabilities" not in answer.json
    assert 3000 < answer.json["prediction"] < 6500


def test_it_records_each_instance_before_it_answers(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"inputs": [penguin, penguin]}, headers={"X-Request-ID": "mine-7"})
    ids = [each["id"] for each in answer.json["predictions"]]
    assert [row["id"] for row in reversed(rows(client))] == ids
    assert {(row["status"], row["channel"], row["request_id"]) for row in rows(client)} == {
        ("answered", "json", "mine-7")
    }
    assert rows(client)[0]["inputs"] == penguin
    assert {UUID(id).version for id in ids} == {7}


def test_it_fills_a_blank_that_the_model_can_fill(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"inputs": penguin | {"sex": None, "body_mass_g": None}})
    assert answer.json["prediction"] == "Adelie"
    assert rows(client)[0]["inputs"]["sex"] is None


def test_it_warns_of_a_value_outside_the_training_range(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"inputs": penguin | {"bill_length_mm": 80}})
    assert answer.status_code == 200
    (warning,) = answer.json["warnings"]
    assert warning["loc"] == ["bill_length_mm"]
    assert "32.1 to 59.6" in warning["msg"]
    assert rows(client)[0]["warnings"] == answer.json["warnings"]


def test_it_lists_all_that_is_wrong_with_its_place(client: FlaskClient, penguin: dict[str, Any]) -> None:
    wrong = penguin | {"bill_length_mm": "39.1", "island": "Atlantis", "colour": "grey", "body_mass_g": True}
    del wrong["bill_depth_mm"], wrong["sex"]
    answer = client.post(URL, json={"inputs": [penguin, wrong]})
    assert answer.status_code == 422
    places = [error["loc"] for error in answer.json["errors"]]
    assert sorted(places) == [["inputs", 1, name] for name in ("bill_length_mm", "body_mass_g", "colour", "island")]


def test_it_keeps_what_was_wrong_but_not_what_was_sent(client: FlaskClient) -> None:
    client.post(URL, json={"inputs": {"island": "Atlantis"}})
    (row,) = rows(client)
    assert (row["status"], row["inputs"], row["prediction"]) == ("rejected", None, None)
    assert "Atlantis" not in str(row)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 400, '"39.1"', "true", "[1]"])
def test_it_refuses_what_is_no_finite_number(client: FlaskClient, number: str) -> None:
    answer = post_raw(client, '{"inputs": {"bill_length_mm": %s, "island": "Dream"}}' % number)
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json["errors"]] == [["inputs", "bill_length_mm"]]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "not json",
        b"\xff\xfe",
        '{"inputs": {"island": "Dream", "island": "Biscoe"}}',
        "[" * 10_000 + "]" * 10_000,
        '{"inputs": {"bill_length_mm": %s}}' % ("9" * 5000),
    ],
)
def test_it_refuses_what_is_not_sound_json(client: FlaskClient, body: str | bytes) -> None:
    answer = post_raw(client, body)
    assert answer.status_code == 400
    assert rows(client) == []


@pytest.mark.parametrize(
    "body",
    ["null", "[]", "5", '"inputs"', "{}", '{"inputs": null}', '{"inputs": 5}', '{"inputs": []}',
     '{"inputs": [5]}', '{"inputs": {}, "more": 1}', '{"instances": [{}]}', '{"inputs": {"\\u0000": 1}}',
     '{"inputs": {"island": "\\u0000"}}', '{"inputs": {"island": "\\ud800"}}', '{"inputs": {"\\ud800": 1}}'],
)  # fmt: skip
def test_it_refuses_json_of_another_shape(client: FlaskClient, body: str) -> None:
    answer = post_raw(client, body)
    assert answer.status_code == 422
    assert [row["status"] for row in rows(client)] == ["rejected"]


def test_it_refuses_more_instances_than_one_request_may_hold(make_app: MakeApp) -> None:
    estimator = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    client = make_app({"line": estimator}, max_batch_size=1).test_client()
    sixteen = client.post("/api/v1/models/line/predict", json={"inputs": [{"x0": 1}] * 16})
    seventeen = client.post("/api/v1/models/line/predict", json={"inputs": [{"x0": 1}] * 17})
    assert (sixteen.status_code, seventeen.status_code) == (200, 422)
    assert seventeen.json["errors"][0]["loc"] == ["inputs"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_it_refuses_another_content_type(client: FlaskClient, kind: str) -> None:
    assert client.post(URL, data="{}", content_type=kind).status_code == 415


def test_it_takes_a_charset_with_the_content_type(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post(URL, json={"inputs": penguin}, content_type="application/json; charset=utf-8")
    assert answer.status_code == 200


def test_it_refuses_a_body_over_the_limit(make_app: MakeApp, demo_models: Any) -> None:
    client = make_app(models_dir=demo_models, max_content_length=1024).test_client()
    assert post_raw(client, b" " * 1025).status_code == 413


def test_it_knows_no_other_model(client: FlaskClient) -> None:
    answer = client.post("/api/v1/models/dragons/predict", json={"inputs": {}})
    assert (answer.status_code, answer.json["error"]) == (404, "There is no model with this name.")


class Grumpy(RegressorMixin, BaseEstimator):
    """Refuses large numbers, in words that repeat them, and answers small ones with no number."""

    n_features_in_ = 1

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        if X[0, 0] > 10:
            raise ValueError(f"I will not take {X[0, 0]}")
        return np.full(len(X), np.nan)


@pytest.mark.parametrize("value", [98765, 1])
def test_it_records_a_failure_of_the_estimator(make_app: MakeApp, value: int, caplog: pytest.LogCaptureFixture) -> None:
    client = make_app({"grumpy": Grumpy()}, trusted_types=[f"{__name__}.Grumpy"]).test_client()
    answer = client.post("/api/v1/models/grumpy/predict", json={"inputs": {"x0": value}})
    assert answer.status_code == 500
    assert "The failure is recorded." in answer.json["error"]
    assert [(row["status"], row["inputs"]) for row in rows(client)] == [("failed", {"x0": value})]
    assert "98765" not in answer.text + caplog.text


def test_it_gives_no_answer_without_its_record(make_app: MakeApp, demo_models: Any, penguin: dict[str, Any]) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    client = make_app(models_dir=demo_models, database_url=nowhere, log_policy="required").test_client()
    answer = client.post(URL, json={"inputs": penguin})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Adelie" not in answer.text


NAMES = ["self", "schema", "_x", "model_dump", "sepal length (cm)", "a[b]", "🐧", "f0", "f1", "copy", "name", "inputs"]


def test_it_takes_features_of_any_name(make_app: MakeApp) -> None:
    data = pd.DataFrame(np.eye(len(NAMES)), columns=NAMES)
    client = make_app({"odd": LogisticRegression().fit(data, np.arange(len(NAMES)) % 2)}).test_client()
    answer = client.post("/api/v1/models/odd/predict", json={"inputs": dict.fromkeys(NAMES, 0.5)})
    assert answer.status_code == 200
    missing = client.post("/api/v1/models/odd/predict", json={"inputs": {}})
    assert [error["loc"][1] for error in missing.json["errors"]] == NAMES


def test_it_answers_several_outputs_at_once(make_app: MakeApp) -> None:
    X = [[0.0], [1.0], [2.0], [3.0]]
    tree = DecisionTreeClassifier().fit(X, [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"]])
    client = make_app({"two": tree}).test_client()
    answer = client.post("/api/v1/models/two/predict", json={"inputs": {"x0": 3}})
    assert answer.json["prediction"] == ["b", "y"]
    assert answer.json["probabilities"] == [{"a": 0.0, "b": 1.0}, {"x": 0.0, "y": 1.0}]


@pytest.mark.parametrize("large", [1e19, 1e300, -1e38])
def test_the_record_of_a_large_number_can_be_read_everywhere(make_app: MakeApp, large: float) -> None:
    client = make_app({"line": LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])}).test_client()
    made = client.post("/api/v1/models/line/predict", json={"inputs": {"x0": large}})
    for path in (ROWS, "/predictions.json"):
        assert client.get(path).json["predictions"][0]["inputs"] == {"x0": large}
    for path in (f"{ROWS}/{made.json['id']}", f"/predictions/{made.json['id']}.json"):
        assert client.get(path).json["inputs"] == {"x0": large}
    assert client.get("/predictions").status_code == client.get("/predictions.csv").status_code == 200
    assert client.get(f"/predictions/{made.json['id']}").status_code == 200
