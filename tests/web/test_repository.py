"""Loading and unloading models, in the words of the Open Inference Protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sklearn.linear_model import LinearRegression

from tests.conftest import MakeApp


@pytest.fixture
def client(make_app: MakeApp, tmp_path: Path) -> FlaskClient:
    """A client of an app with a model and a file that is none."""
    (tmp_path / "broken.joblib").write_bytes(b"no model")
    return make_app({"line": LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])}).test_client()


def states(client: FlaskClient) -> dict[str, str]:
    return {each["name"]: each["state"] for each in client.post("/v2/repository/index").json}


def test_it_lists_what_is_ready_and_what_is_not_with_the_reason(client: FlaskClient) -> None:
    line, broken = client.post("/v2/repository/index").json
    assert (line["name"], line["state"], line["reason"]) == ("line", "READY", "")
    assert (broken["name"], broken["state"]) == ("broken", "UNAVAILABLE")
    assert broken["reason"]
    assert [each["name"] for each in client.post("/v2/repository/index", json={"ready": True}).json] == ["line"]


def test_an_unloaded_model_answers_no_more_until_it_is_loaded(client: FlaskClient) -> None:
    version = client.get("/v2/models/line").json["versions"][0]
    assert client.post("/v2/repository/models/line/unload").json == {"name": "line", "unload": True}
    assert states(client)["line"] == "UNAVAILABLE"
    asked = client.post("/api/v1/models/line/predict", json={"inputs": {"x0": 1}})
    assert (asked.status_code, asked.json["error"]) == (503, "This model can't be served. It was unloaded.")
    assert client.get(f"/v2/models/line/versions/{version}/ready").status_code == 503
    assert client.post("/v2/repository/models/line/unload").status_code == 200
    assert client.post("/v2/repository/models/line/load").json == {"name": "line", "load": True}
    assert states(client)["line"] == "READY"
    assert client.post("/v2/repository/models/line/load").status_code == 200


def test_other_processes_and_later_ones_know_it(make_app: MakeApp, client: FlaskClient) -> None:
    client.post("/v2/repository/models/line/unload")
    other = make_app().test_client()
    assert states(other)["line"] == "UNAVAILABLE"
    other.post("/v2/repository/models/line/load")
    assert states(make_app().test_client())["line"] == "READY"


def test_what_can_not_be_loaded_says_why(client: FlaskClient) -> None:
    answer = client.post("/v2/repository/models/broken/load")
    assert (answer.status_code, "can't be served" in answer.json["error"]) == (503, True)
    assert client.post("/v2/repository/models/none/load").status_code == 404
    assert client.post("/v2/repository/models/none/unload").status_code == 404
