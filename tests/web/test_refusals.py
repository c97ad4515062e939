"""Each way to a prediction keeps a record of an input that it refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from tests.conftest import MakeApp
from webapp.controllers.access.permissions import PERMISSIONS, PREDICT
from webapp.types import Channel

WRONG = {"island": "Atlantis"}
TENSOR = {"name": "island", "shape": [1, 1], "datatype": "BYTES", "data": ["Atlantis"]}
#: Tables have a column for each input.
WRONG_ROW = dict.fromkeys(["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "sex"]) | WRONG
#: For each endpoint that predicts: the channel on record, and a request whose input is not valid.
REFUSED: dict[str, tuple[Channel, dict[str, Any]]] = {
    "forms.submit": (Channel.FORM, {"data": WRONG}),
    "api.predict": (Channel.JSON, {"json": {"inputs": WRONG}}),
    "api.predict_version": (Channel.JSON, {"json": {"inputs": WRONG}}),
    "open_inference.infer": (Channel.OPEN_INFERENCE, {"json": {"inputs": [TENSOR]}}),
    "open_inference.infer_version": (Channel.OPEN_INFERENCE, {"json": {"inputs": [TENSOR]}}),
    "kserve.predict": (Channel.KSERVE, {"json": {"instances": [WRONG]}}),
    "kserve.explain": (Channel.KSERVE, {"json": {"instances": [WRONG]}}),
    "mlflow.invocations": (Channel.MLFLOW, {"json": {"dataframe_records": [WRONG_ROW]}}),
    "mlflow.invocations_of": (Channel.MLFLOW, {"json": {"dataframe_records": [WRONG_ROW]}}),
}
#: Thousands of errors for each kind of body: unknown inputs, missing ones, and a very long name.
UNKNOWN = {f"unknown{number}": "1" for number in range(5000)} | {"x" * 100_000: "1"}
ROWS = [WRONG] * 1000
COLUMN = TENSOR | {"shape": [1000, 1], "data": ["Atlantis"] * 1000}
MANY: dict[str, dict[str, Any]] = {
    "forms.submit": {"data": UNKNOWN},
    "api.predict": {"json": {"inputs": UNKNOWN}},
    "api.predict_version": {"json": {"inputs": ROWS}},
    "open_inference.infer": {"json": {"inputs": [COLUMN]}},
    "open_inference.infer_version": {"json": {"inputs": [COLUMN]}},
    "kserve.predict": {"json": {"instances": ROWS}},
    "kserve.explain": {"json": {"instances": [UNKNOWN]}},
    "mlflow.invocations": {"json": {"dataframe_records": [WRONG_ROW] * 1000}},
    "mlflow.invocations_of": {"json": {"dataframe_records": [WRONG_ROW] * 1000}},
}
#: What an answer and a record may take up at most: 20 errors, or a form with them.
MAX_ANSWER, MAX_RECORD = 30_000, 10_000
#: Endpoints that those may use who may predict, and that predict nothing.
WITHOUT_PREDICTION = {"repository.index", "login.change_password"}


def endpoints(app: Flask) -> Iterator[tuple[str, str]]:
    """All endpoints that may predict, each with its path."""
    for rule in app.url_map.iter_rules():
        may_predict = "POST" in (rule.methods or ()) and PERMISSIONS.get(rule.endpoint) == PREDICT
        if may_predict and rule.endpoint not in WITHOUT_PREDICTION:
            yield rule.endpoint, rule.rule


def recorded(url: str) -> set[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return set(connection.execute("SELECT id, model, status, channel FROM predictions"))


@pytest.fixture
def app(make_app: MakeApp, demo_models: object) -> Flask:
    return make_app(models_dir=demo_models, default_model="penguins")


def test_each_endpoint_that_predicts_has_a_refused_input_here(app: Flask) -> None:
    for endpoint, path in endpoints(app):
        assert endpoint in REFUSED, (
            f"POST {path} may be used by those who may predict. If it predicts, add a request whose input is not valid "
            f"to REFUSED; if it doesn't, add {endpoint} to WITHOUT_PREDICTION."
        )
    assert REFUSED.keys() == {endpoint for endpoint, _ in endpoints(app)}


def test_each_endpoint_keeps_one_record_of_an_input_that_it_refuses(app: Flask, database_url: str) -> None:
    client, version = app.test_client(), app.extensions["scoredesk"].store.get("penguins").version
    wrong = {}
    for endpoint, path in endpoints(app):
        channel, request = REFUSED[endpoint]
        before = recorded(database_url)
        answer = client.post(path.replace("<name>", "penguins").replace("<version>", version), **request)
        found = [(model, status, door) for _, model, status, door in recorded(database_url) - before]
        if answer.status_code not in (400, 422) or found != [("penguins", "rejected", channel.value)]:
            wrong[f"POST {path}"] = answer.status_code, found
    assert wrong == {}


def test_each_endpoint_lists_the_first_errors_and_counts_the_others(app: Flask, database_url: str) -> None:
    client, version = app.test_client(), app.extensions["scoredesk"].store.get("penguins").version
    for endpoint, path in endpoints(app):
        answer = client.post(path.replace("<name>", "penguins").replace("<version>", version), **MANY[endpoint])
        assert answer.status_code in (400, 422), path
        assert re.search(r"And [\d\u202f]{3,} more errors\.", answer.text), (path, answer.text[-300:])
        assert len(answer.data) < MAX_ANSWER, path
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT output FROM predictions").fetchall()
    assert len(rows) == len(MANY)
    for (output,) in rows:
        # Twenty and the count.
        assert len(output["errors"]) == 21
        assert len(str(output)) < MAX_RECORD


def test_wrong_parameters_are_listed_as_briefly(app: Flask) -> None:
    query = "&".join([*(f"unknown{number}=1" for number in range(300)), f"{'x' * 1000}=1"])
    answer = app.test_client().get(f"/api/v1/predictions?{query}")
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 21
    assert answer.json["errors"][-1] == {"loc": [], "msg": "And 282 more errors."}
    (long,) = app.test_client().get(f"/api/v1/predictions?{'x' * 500}=1").json["errors"]
    assert long["loc"] == ["x" * 80 + "…"]
