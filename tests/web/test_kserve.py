"""KServe V1, as its clients speak it."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression

from tests.conftest import MakeApp

URL = "/v1/models/penguins:predict"


def test_it_answers_objects_and_lists_alike(client: FlaskClient, penguin: dict[str, Any]) -> None:
    native = client.post("/api/v1/models/penguins/predict", json={"inputs": penguin}).json
    names = [each["name"] for each in client.get("/api/v1/models/penguins").json["inputs"]]
    body = {"instances": [penguin, [penguin[name] for name in names]]}
    answer = client.post(URL, json=body).json
    assert answer["predictions"] == [native["prediction"]] * 2
    assert answer["probabilities"] == [native["probabilities"]] * 2
    kept = client.get("/api/v1/predictions").json["predictions"][:2]
    assert [each["id"] for each in reversed(kept)] == answer["prediction_ids"]
    assert {each["channel"] for each in kept} == {"v1"}
    assert [each["inputs"] for each in kept] == [penguin, penguin]


def test_a_single_feature_needs_no_list(make_app: MakeApp) -> None:
    client = make_app({"line": LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])}).test_client()
    answer = client.post("/v1/models/line:predict", json={"instances": [0.5, [0.25]]}).json
    assert answer["predictions"] == pytest.approx([0.5, 0.25])


def test_it_tells_what_answers(client: FlaskClient) -> None:
    assert "penguins" in client.get("/v1/models").json["models"]
    assert client.get("/v1/models/penguins").json == {"name": "penguins", "ready": True}


def test_it_explains_one_instance(client: FlaskClient, penguin: dict[str, Any]) -> None:
    answer = client.post("/v1/models/penguins:explain", json={"instances": [penguin]}).json
    ((found,),) = answer["explanations"]
    total = sum(each["value"] for each in found["contributions"])
    assert total == pytest.approx(found["score"] - found["baseline"])
    two = client.post("/v1/models/penguins:explain", json={"instances": [penguin] * 2})
    assert (two.status_code, two.json["error"]) == (400, "To get an explanation, send one instance.")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "instances"),
        ([], "instances"),
        ({"instances": {}}, "instances"),
        ({"instances": []}, "Send 1 to"),
        ({"instances": [1] * 9999}, "Send 1 to"),
        ({"instances": [[1, 2]]}, "A row of this model has 6 values, not 2."),
        ({"instances": [{"island": "Nowhere"}]}, "Instance 0: Island must be"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(client: FlaskClient, body: Any, words: str) -> None:
    answer = client.post(URL, json=body)
    assert (answer.status_code, list(answer.json)) == (400, ["error"])
    assert words in answer.json["error"]


def test_what_is_not_there_is_an_error_of_the_protocol(client: FlaskClient) -> None:
    for answer in (client.get("/v1/models/none"), client.post("/v1/models/none:predict", json={})):
        assert (answer.status_code, answer.json) == (404, {"error": "There is no model with this name."})
    assert client.get("/v1/models/penguins:predict").status_code in (404, 405)


def test_the_first_page_tells_scripts_that_the_server_lives(client: FlaskClient) -> None:
    assert client.get("/", headers={"Accept": "*/*"}).json == {"status": "alive"}
    assert client.get("/", headers={"Accept": "text/html,*/*;q=0.8"}).mimetype == "text/html"


@pytest.mark.parametrize("verb", ["predict", "explain"])
def test_what_is_asked_with_post_is_no_name_to_get(client: FlaskClient, verb: str) -> None:
    answer = client.get(f"/v1/models/penguins:{verb}")
    assert answer.status_code == 405
    assert "GET" not in answer.headers["Allow"]
    assert "POST" in client.options(f"/v1/models/penguins:{verb}").headers["Allow"]
