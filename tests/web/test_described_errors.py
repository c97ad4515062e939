"""Every error of every route for scripts has the shape that /openapi.json describes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sklearn.linear_model import LinearRegression
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.controllers.access.permissions import PERMISSIONS, PREDICT

NOWHERE = "postgresql://x@127.0.0.1:9/x"
STEEP = LinearRegression().fit([[0.0], [1.0]], [0.0, 1e150])
#: Its answer to any input is more than a number can hold.
BEYOND = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
BEYOND.coef_[:] = np.inf
Operation = dict[str, Any]
Send = Callable[[FlaskClient, str, dict[str, Any]], TestResponse]


def document_of(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/openapi.json").json)


def operations(document: dict[str, Any], method: str) -> dict[str, Operation]:
    """Return all operations of one method by their addresses, in which the version is filled in."""
    found = {path: item for path, item in document["paths"].items() if method in item}
    return {_filled(path, item): item[method] for path, item in found.items()}


def _filled(path: str, item: dict[str, Any]) -> str:
    for parameter in item.get("parameters", []):
        path = path.replace("{%s}" % parameter["name"], parameter["schema"]["enum"][0])
    return path.replace("{id}", "019aa209-14c3-7000-8c4b-68060c25d92e")


def predicting(document: dict[str, Any]) -> dict[str, Operation]:
    """Return all operations that predict."""
    return {path: each for path, each in operations(document, "post").items() if "repository" not in path}


def assert_described(document: dict[str, Any], operation: Operation, answer: TestResponse) -> None:
    response = operation["responses"][str(answer.status_code)]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    schema = response["content"][answer.mimetype]["schema"] | {"components": document["components"]}
    assert [error.message for error in Draft202012Validator(schema).iter_errors(answer.json)] == []
    assert answer.headers["X-Request-ID"]
    assert ("Retry-After" in answer.headers) <= ("Retry-After" in response["headers"])


def body_of(operation: Operation) -> dict[str, Any]:
    return dict(operation["requestBody"]["content"]["application/json"]["examples"]["case1"]["value"])


def with_wrong_value(body: Any) -> Any:
    """Replace each number by a value that no model accepts."""
    if isinstance(body, dict):
        return {name: with_wrong_value(each) for name, each in body.items()}
    if isinstance(body, list):
        return [with_wrong_value(each) for each in body]
    return {} if isinstance(body, int | float) else body


WRONG: dict[str, tuple[set[int], Send]] = {
    "invalid JSON": ({400}, lambda client, path, _: client.post(path, data=b"{", content_type="application/json")),
    "an invalid input": ({400, 422}, lambda client, path, body: client.post(path, json=with_wrong_value(body))),
    "no body of this protocol": ({400, 422}, lambda client, path, _: client.post(path, json=[])),
    "an invalid key": (
        {400},
        lambda client, path, body: client.post(path, json=body, headers={"Idempotency-Key": "a b"}),
    ),
    "not compressed as the header says": (
        {400},
        lambda client, path, body: client.post(path, json=body, headers={"Content-Encoding": "gzip"}),
    ),
    "an unsupported compression": (
        {415},
        lambda client, path, body: client.post(path, json=body, headers={"Content-Encoding": "br"}),
    ),
    "too large": ({413}, lambda client, path, _: client.post(path, json=["x" * 20_000])),
    "too large when decompressed": (
        {413},
        lambda client, path, _: client.post(
            path,
            data=zlib.compress(b" " * 20_000),
            content_type="application/json",
            headers={"Content-Encoding": "deflate"},
        ),
    ),
}


@pytest.fixture
def app(make_app: MakeApp, demo_models: Path, tmp_path: Path) -> Flask:
    """An app with the penguins, a model that fails and one that can't be served."""
    (tmp_path / "penguins.joblib").write_bytes((demo_models / "penguins.joblib").read_bytes())
    (tmp_path / "damaged.joblib").write_bytes(b"no pickle")
    return make_app({"steep": STEEP}, max_content_length=10_000, default_model="penguins")


@pytest.mark.parametrize("way", WRONG)
def test_what_is_wrong_with_a_request_is_answered_as_described(client: FlaskClient, way: str) -> None:
    document = document_of(client)
    statuses, send = WRONG[way]
    for path, operation in predicting(document).items():
        answer = send(client, path, body_of(operation))
        assert answer.status_code in statuses, (path, answer.text)
        assert_described(document, operation, answer)


def test_a_key_of_another_request_is_answered_as_described(client: FlaskClient) -> None:
    document = document_of(client)
    for path, operation in predicting(document).items():
        headers = {"Idempotency-Key": path.replace(",", "")}
        assert client.post(path, json=body_of(operation), headers=headers).status_code == 200
        answer = client.post(f"{path}?again=1", json=body_of(operation), headers=headers)
        assert answer.status_code in (400, 422), path
        assert_described(document, operation, answer)


@pytest.mark.parametrize(("name", "status"), [("dragons", 404), ("damaged", 503)])
def test_a_model_that_does_not_answer_is_answered_as_described(client: FlaskClient, name: str, status: int) -> None:
    document = document_of(client)
    for method in ("get", "post"):
        for path, operation in operations(document, method).items():
            if "penguins" in path and not path.endswith("/mlflow/penguins/version"):
                answer = client.open(path.replace("penguins", name), method=method, json=None)
                expected = 404 if "/versions/" in path else status
                assert answer.status_code == expected, (path, answer.text)
                assert_described(document, operation, answer)


def test_a_model_that_fails_is_answered_as_described(make_app: MakeApp) -> None:
    client = make_app({"beyond": BEYOND}).test_client()
    document = document_of(client)
    assert predicting(document)
    for path, operation in predicting(document).items():
        answer = client.post(path, json=body_of(operation))
        assert answer.status_code == 500, (path, answer.text)
        assert_described(document, operation, answer)


def test_a_value_that_the_model_can_not_work_with_is_answered_as_described(client: FlaskClient) -> None:
    document = document_of(client)
    for path, operation in predicting(document).items():
        if "steep" in path:
            body = json.loads(json.dumps(body_of(operation)).replace("[0.0]", "[1e200]").replace("[0]", "[1e200]"))
            text = json.dumps(body).replace('"x0": 0', '"x0": 1e200').replace('"INT64"', '"FP64"')
            answer = client.post(path, data=text, content_type="application/json")
            assert (answer.status_code in (400, 422), "can't work with" in answer.text) == (True, True), (
                path,
                answer.text,
            )
            assert_described(document, operation, answer)


def test_that_nothing_can_be_recorded_is_answered_as_described(make_app: MakeApp, demo_models: Path) -> None:
    app = make_app(models_dir=demo_models, database_url=NOWHERE, log_policy="required", default_model="penguins")
    client = app.test_client()
    document = document_of(client)
    ready = {
        path: each for path, each in operations(document, "get").items() if path in ("/readyz", "/v2/health/ready")
    }
    log = {path: each for path, each in operations(document, "get").items() if "/predictions" in path}
    assert len(ready) == 2 and len(log) == 6
    for path, operation in (ready | log).items():
        answer = client.get(path)
        assert answer.status_code == 503, (path, answer.text)
        assert_described(document, operation, answer)
    for path, operation in predicting(document).items():
        answer = client.post(path, json=body_of(operation))
        assert answer.status_code == 503, (path, answer.text)
        assert_described(document, operation, answer)


@pytest.mark.parametrize("query", ["cursor=x", "channel=x", "from=x", "nothing=x", "id=x&id=y"])
def test_a_wrong_filter_is_answered_as_described(client: FlaskClient, query: str) -> None:
    document = document_of(client)
    for path in ("/api/v1/predictions", "/predictions.json", "/predictions.csv"):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert_described(document, document["paths"][path]["get"], answer)


@pytest.mark.parametrize("protocol", ["/api/v1", "/v2", "/v1", "/mlflow"])
def test_an_internal_error_is_answered_as_described(app: Flask, protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERMISSIONS, protocol, PREDICT)

    def broken() -> Any:
        raise RuntimeError

    app.add_url_rule(f"{protocol}/broken", view_func=broken, endpoint=protocol)
    client = app.test_client()
    document = document_of(client)
    answer = client.get(f"{protocol}/broken")
    assert answer.status_code == 500
    for path, operation in operations(document, "post").items():
        if path.startswith(f"{protocol}/"):
            assert_described(document, operation, answer)


def test_a_method_that_an_address_does_not_have_is_answered_in_the_shape_of_its_protocol(client: FlaskClient) -> None:
    document = document_of(client)
    for method in ("get", "post"):
        for path, operation in operations(document, method).items():
            answer = client.delete(path)
            assert answer.status_code == 405 and answer.headers["Allow"], path
            response = operation["responses"]["500"]["$ref"].rsplit("/", 1)[1]
            body = document["components"]["responses"][response]["content"]["application/json"]["schema"]
            known = set(answer.json)
            shape = body if "required" in body else document["components"]["schemas"]["Error"]
            assert known == set(shape["required"]), path
