"""True and false for inputs that are 0 and 1 for the estimator, at every address, and in the CSV that pandas writes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from tests.conftest import MakeApp

RANDOM = np.random.default_rng(1)
CITIES = pd.DataFrame({"city": RANDOM.choice(["Rome", "Oslo"], 60), "age": RANDOM.integers(18, 80, 60)})
X = pd.get_dummies(CITIES)
ROW = {"age": 30, "city_Oslo": False, "city_Rome": True}
TENSORS = [
    {"name": name, "shape": [1], "datatype": "INT64" if name == "age" else "BOOL", "data": [value]}
    for name, value in ROW.items()
]
MODELS = {
    "forest": RandomForestClassifier(5, random_state=0).fit(X, X.city_Rome),
    "linear": LogisticRegression(max_iter=1000).fit(X, X.city_Rome),
}


@pytest.fixture
def client(make_app: MakeApp) -> FlaskClient:
    return make_app(MODELS).test_client()


@pytest.mark.parametrize("name", MODELS)
def test_every_address_takes_them(client: FlaskClient, name: str) -> None:
    split = {"dataframe_split": json.loads(X[:1].to_json(orient="split"))}
    bodies: dict[str, Any] = {
        f"/api/v1/models/{name}/predict": {"inputs": ROW},
        f"/mlflow/{name}/invocations": split,
        f"/v1/models/{name}:predict": {"instances": [ROW]},
        f"/v2/models/{name}/infer": {"inputs": TENSORS},
    }
    for address, body in bodies.items():
        answer = client.post(address, json=body)
        assert answer.status_code == 200, (address, answer.text)


@pytest.mark.parametrize("name", MODELS)
def test_pandas_own_csv_is_answered_as_the_model_does(client: FlaskClient, name: str) -> None:
    csv = X[:20].to_csv(index=False)
    answer = client.post(f"/mlflow/{name}/invocations", data=csv, content_type="text/csv")
    assert answer.json["predictions"] == MODELS[name].predict(X[:20]).tolist()


def test_a_7_is_told(client: FlaskClient) -> None:
    answer = client.post("/api/v1/models/forest/predict", json={"inputs": {**ROW, "city_Rome": 7}}).json
    assert [warning["msg"] for warning in answer["warnings"]] == [
        "City Rome is neither 0 nor 1; the training values seem to have been 0 and 1."
    ]
