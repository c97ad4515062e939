"""GET /openapi.json"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import joblib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression

from tests.conftest import MakeApp

#: Endpoints of the pages for people; all others are for API clients.
PAGES = {
    "models.index",
    "forms.form",
    "forms.submit",
    "models.card",
    "predictions.show",
    "predictions.index",
    "openapi.page",
    "openapi.model_page",
    "login.login",
    "login.log_in",
    "login.log_out",
    "login.account",
    "login.change_password",
    "login.new_password",
    "login.choose_password",
    "admin.keys",
    "admin.make_key",
    "admin.revoke_key",
    "users.index",
    "users.create",
    "users.add_name",
    "users.show",
    "users.make_link",
    "users.disable",
    "users.enable",
    "users.grant",
    "users.revoke",
    "admin.audit",
    "uploads.publish",
    "uploads.promote",
    "static",
}


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/openapi.json").json)


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, item[method])
        for path, item in document["paths"].items()
        for method in ("get", "post")
        if method in item
    ]


def filled(path: str, item: dict[str, Any]) -> str:
    """Fill in each variable part of an address."""
    for parameter in item.get("parameters", []):
        path = path.replace("{%s}" % parameter["name"], str(parameter["schema"]["enum"][0]))
    return path.replace("{id}", "019aa209-14c3-7000-8c4b-68060c25d92e")


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_is_valid_without_models(make_app: MakeApp) -> None:
    document = make_app().test_client().get("/openapi.json").json
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    assert "/api/v1/predictions" in document["paths"]


def test_each_route_for_api_clients_is_described(app: Flask, document: dict[str, Any]) -> None:
    urls = app.url_map.bind("127.0.0.1")
    described = {
        urls.match(filled(path, document["paths"][path]), method=method.upper())[0]
        for path, method, _ in operations(document)
    }
    assert described | PAGES == {rule.endpoint for rule in app.url_map.iter_rules()}
    assert not described & PAGES


def test_each_model_has_its_own_inputs(document: dict[str, Any]) -> None:
    inputs = document["components"]["schemas"]["penguins.Instance"]["properties"]
    assert list(inputs)[:2] == ["bill_length_mm", "bill_depth_mm"]
    assert inputs["bill_length_mm"]["title"] == "Bill length (mm)"
    assert inputs["bill_length_mm"]["description"].startswith("In training: ")
    assert inputs["island"]["anyOf"][0] == {"enum": ["Biscoe", "Dream", "Torgersen"]}
    assert inputs["sex"]["default"] == "male"
    body = document["paths"]["/api/v1/models/penguin-mass/predict"]["post"]["requestBody"]
    (instance, _) = body["content"]["application/json"]["schema"]["properties"]["inputs"]["oneOf"]
    assert instance == {"$ref": "#/components/schemas/penguin-mass.Instance"}


def test_it_describes_what_each_model_answers(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["penguins.Prediction"] == {"enum": ["Adelie", "Chinstrap", "Gentoo"]}
    assert schemas["penguin-mass.Prediction"] == {"type": "number"}
    assert "probabilities" not in schemas["penguin-mass.Answer"]["properties"]


def test_each_example_is_answered(make_app: MakeApp, demo_models: Path) -> None:
    client = make_app(models_dir=demo_models, default_model="penguins").test_client()
    document = client.get("/openapi.json").json
    count = 0
    for path, _, operation in operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            bodies = [json.dumps(each["value"]) for each in content.get("examples", {}).values()]
            for body in bodies + ([content["example"]] if "example" in content else []):
                answer = client.post(filled(path, document["paths"][path]), data=body, content_type=media)
                assert answer.status_code == 200, (path, answer.text)
                count += 1
    assert count > 30


def test_the_same_models_give_the_same_bytes_after_each_start(make_app: MakeApp, demo_models: Path) -> None:
    first, second = (make_app(models_dir=demo_models).test_client().get("/openapi.json").data for _ in range(2))
    assert first == second


def test_it_changes_when_another_version_answers(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app({"line": LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])})
    client = app.test_client()
    before = client.get("/openapi.json")
    assert client.get("/openapi.json").data == before.data
    joblib.dump(DummyClassifier().fit([[0.0]], ["only"]), tmp_path / "line.joblib")
    app.extensions["scoredesk"].store.refresh()
    after = client.get("/openapi.json")
    assert after.json["components"]["schemas"]["line.Prediction"] == {"enum": ["only"]}
    assert after.headers["ETag"] != before.headers["ETag"]


def test_it_is_not_sent_again_to_a_client_that_has_it(client: FlaskClient) -> None:
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_each_model_has_a_document_of_its_own(client: FlaskClient, document: dict[str, Any]) -> None:
    own = client.get("/openapi/penguins.json")
    assert [error.message for error in OpenAPIV31SpecValidator(own.json).iter_errors()] == []
    told = {path: item for path, item in document["paths"].items() if "penguin-mass" not in path}
    assert {path for path in told if "penguins" in path} < own.json["paths"].keys() <= told.keys()
    for shape in ("penguins.Instance", "penguins.Answer"):
        assert own.json["components"]["schemas"][shape] == document["components"]["schemas"][shape]
    assert client.get("/openapi/nothing.json").json["status"] == 404


def test_the_document_of_one_model_changes_with_that_model_alone(make_app: MakeApp, tmp_path: Path) -> None:
    line = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    app = make_app({"line": line, "other": line})
    client = app.test_client()
    before = {name: client.get(f"/openapi/{name}.json").headers["ETag"] for name in ("line", "other")}
    joblib.dump(DummyClassifier().fit([[0.0]], ["only"]), tmp_path / "line.joblib")
    app.extensions["scoredesk"].store.refresh()
    assert client.get("/openapi/line.json").headers["ETag"] != before["line"]
    again = client.get("/openapi/other.json", headers={"If-None-Match": before["other"]})
    assert (again.status_code, again.data) == (304, b"")


def test_it_names_no_host_and_no_time(client: FlaskClient) -> None:
    text = client.get("/openapi.json", headers={"Host": "somewhere.example"}).text
    assert "somewhere" not in text
    assert not re.search(r"20\d\d-\d\d-\d\dT", text)


def test_behind_a_proxy_it_leads_below_the_path_of_the_proxy(make_app: MakeApp) -> None:
    client = make_app(proxy_hops=1).test_client()
    given = client.get("/openapi.json", headers={"X-Forwarded-Prefix": "/scores", "X-Forwarded-For": "1.2.3.4"})
    assert given.json["servers"] == [{"url": "/scores"}]


def test_any_name_of_a_model_has_its_addresses(make_app: MakeApp) -> None:
    client = make_app({"{a} b/".rstrip("/") + "%é": LinearRegression().fit([[0.0]], [0.0])}).test_client()
    document = client.get("/openapi.json").json
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    (path,) = [path for path in document["paths"] if re.fullmatch("/api/v1/models/[^/]+/predict", path)]
    assert client.post(path, json={"inputs": {"x0": 1.0}}).status_code == 200
