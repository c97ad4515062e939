"""A model whose answer to a case depends on the cases that it is asked with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from scipy.special import softmax
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.conftest import MakeApp

X = np.random.default_rng(0).normal(size=(40, 2))
COMPARING = make_pipeline(FunctionTransformer(softmax, kw_args={"axis": 0}), Ridge(alpha=1e-6)).fit(X, X[:, 0])
MODELS = {"comparing": COMPARING, "plain": LinearRegression().fit(X, X[:, 0])}
WARNING = "The model's answer depends on the other instances of the same request. Alone, it may be another one."
ROWS = [{"x0": 1.0, "x1": 2.0}, {"x0": 3.0, "x1": -1.0}]


@pytest.fixture
def client(make_app: MakeApp) -> FlaskClient:
    return make_app(MODELS).test_client()


def predict(client: FlaskClient, model: str, inputs: Any) -> Any:
    return client.post(f"/api/v1/models/{model}/predict", json={"inputs": inputs}).json


def test_it_is_said_in_its_description_and_on_its_page(client: FlaskClient) -> None:
    for model, depends in (("comparing", True), ("plain", False)):
        assert client.get(f"/api/v1/models/{model}").json["depends_on_company"] is depends
        page = client.get(f"/models/{model}/card").text
        assert ("answer to a case depends on the other cases of the same request" in page) is depends
        assert ("How answers are explained" in page) is not depends


def test_a_list_is_one_call_and_each_of_its_answers_has_a_warning(client: FlaskClient) -> None:
    answers = predict(client, "comparing", ROWS)["predictions"]
    expected = COMPARING.predict([[1.0, 2.0], [3.0, -1.0]])
    assert [each["prediction"] for each in answers] == pytest.approx(expected)
    assert [[warning["msg"] for warning in each["warnings"]] for each in answers] == [[WARNING]] * 2
    alone = predict(client, "comparing", ROWS[0])
    assert alone["warnings"] == []
    assert alone["prediction"] != pytest.approx(expected[0])
    assert all(not each["warnings"] for each in predict(client, "plain", ROWS)["predictions"])


def test_its_answers_are_not_explained(client: FlaskClient) -> None:
    explained = {
        model: client.post(f"/api/v1/models/{model}/predict?explain=true", json={"inputs": ROWS[0]}).json
        for model in MODELS
    }
    assert explained["comparing"]["explanations"] is None
    assert explained["plain"]["explanations"]
