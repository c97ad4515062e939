"""GET /api/v1/models and GET /api/v1/models/<name>"""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.conftest import MakeApp


def test_it_lists_all_models(client: FlaskClient) -> None:
    models = client.get("/api/v1/models").json["models"]
    assert [(model["name"], model["ready"]) for model in models] == [
        ("breast-cancer", True),
        ("penguin-mass", True),
        ("penguins", True),
    ]
    assert all(model["version"] == model["digest"][:12] for model in models)


def test_it_lists_a_file_that_cant_be_served(make_app: MakeApp) -> None:
    (model,) = make_app({"list": [1]}).test_client().get("/api/v1/models").json["models"]
    assert model == {"name": "list", "ready": False, "reason": "It holds a list, which has no predict method."}


def test_it_describes_one_model(client: FlaskClient) -> None:
    model = client.get("/api/v1/models/penguins").json
    assert model["task"] == "classification"
    (output,) = model["outputs"]
    assert (output["name"], output["classes"]) == ("y", ["Adelie", "Chinstrap", "Gentoo"])
    assert (output["label"], output["class_labels"], output["reported"]) == (None, {}, None)
    inputs = {each["name"]: each for each in model["inputs"]}
    assert inputs["bill_length_mm"]["range"] == {
        "low": 32.1,
        "high": 59.6,
        "exact": True,
        "source": "the scaler's minimum and maximum",
    }
    assert inputs["island"]["choices"] == ["Biscoe", "Dream", "Torgersen"]
    assert inputs["sex"]["default"] == "male"


def test_it_gives_the_json_schema_of_its_inputs(client: FlaskClient) -> None:
    schema = client.get("/api/v1/models/penguin-mass").json["schema"]
    assert schema["required"] == ["species", "island"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["island"]["enum"] == ["Biscoe", "Dream", "Torgersen"]


def test_it_knows_no_other_model(client: FlaskClient) -> None:
    assert client.get("/api/v1/models/dragons").status_code == 404
