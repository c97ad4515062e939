"""Dates, whole numbers and texts through every door, for models that don't show what their inputs are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from flask.testing import FlaskClient
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tests.conftest import MakeApp
from tests.unit.cell.test_probing import Means, constant, hours

MODULE = "tests.unit.cell.test_probing"
TRUSTED = [f"{MODULE}.{name}" for name in ("hours", "Means", "constant")]
TRIPS = pd.DataFrame({"pickup": pd.date_range("2024-01-01", periods=40, freq="317h"), "distance": range(40)})
STEPS = make_column_transformer((FunctionTransformer(hours), ["pickup"]), ("passthrough", ["distance"]))
MODEL = make_pipeline(STEPS, Ridge()).fit(TRIPS, range(40))
RIGHT = MODEL.predict(pd.DataFrame({"pickup": [pd.Timestamp("2024-07-05T10:00")], "distance": [2.0]}))[0]
ROW = {"pickup": "2024-07-05T10:00", "distance": 2.0}
TENSORS = [
    {"name": "pickup", "shape": [1], "datatype": "BYTES", "data": ["2024-07-05T10:00"]},
    {"name": "distance", "shape": [1], "datatype": "FP64", "data": [2.0]},
]


@pytest.fixture
def client(make_app: MakeApp) -> FlaskClient:
    return make_app({"trips": MODEL}, trusted_types=TRUSTED).test_client()


def test_every_address_takes_a_date(client: FlaskClient) -> None:
    answers = [
        client.post("/api/v1/models/trips/predict", json={"inputs": ROW}).json["prediction"],
        client.post("/v1/models/trips:predict", json={"instances": [ROW]}).json["predictions"][0],
        client.post("/mlflow/trips/invocations", json={"dataframe_records": [ROW]}).json["predictions"][0],
        client.post(
            "/mlflow/trips/invocations", data="pickup,distance\n2024-07-05 10:00:00,2\n", content_type="text/csv"
        ).json["predictions"][0],
        client.post("/v2/models/trips/infer", json={"inputs": TENSORS}).json["outputs"][0]["data"][0],
    ]
    assert answers == [pytest.approx(RIGHT)] * 5


def test_the_form_has_a_field_for_it_and_shows_it_again(client: FlaskClient) -> None:
    assert 'type="datetime-local"' in client.get("/models/trips").text
    answer = client.post("/models/trips", data={"pickup": "2024-07-05T10:00", "distance": "2"})
    assert answer.status_code == 303
    assert "2024-07-05T10:00:00" in client.get(answer.location).text


@pytest.mark.parametrize(
    "value", [1720173600000, "5 July 2024", "2024-07-05T10:00:00Z", "2024-13-01", "0001-01-01", "", None]
)
def test_what_is_no_date_is_refused(client: FlaskClient, value: Any) -> None:
    answer = client.post("/api/v1/models/trips/predict", json={"inputs": {**ROW, "pickup": value}})
    assert answer.status_code == 422


def test_two_rows_get_the_same_answers_alone_and_together(client: FlaskClient) -> None:
    other = {"pickup": "2024-07-05T23:59:59.5", "distance": 3}
    together = client.post("/api/v1/models/trips/predict", json={"inputs": [ROW, other]}).json["predictions"]
    alone = [client.post("/api/v1/models/trips/predict", json={"inputs": each}).json for each in (ROW, other)]
    assert [each["prediction"] for each in together] == [each["prediction"] for each in alone]


def test_a_guess_is_told_until_the_card_says_what_it_is(make_app: MakeApp, tmp_path: Path) -> None:
    blind = make_pipeline(FunctionTransformer(constant), LinearRegression()).fit(TRIPS[["distance"]], range(40))
    client = make_app({"blind": blind}, trusted_types=TRUSTED).test_client()
    answer = client.post("/api/v1/models/blind/predict", json={"inputs": {"distance": 3}}).json
    assert [each["msg"] for each in answer["warnings"]] == [
        "The model does not show for certain what Distance must be; this answer is a guess."
    ]
    assert "a guess" in client.get("/models/blind/card").text
    assert "This is a guess" in client.get("/models/blind").text
    assert client.get("/api/v1/models/blind").json["inputs"][0]["guessed"]

    (tmp_path / "blind.json").write_text(json.dumps({"inputs": {"distance": {"kind": "integer"}}}))
    client = make_app(trusted_types=TRUSTED).test_client()
    answer = client.post("/api/v1/models/blind/predict", json={"inputs": {"distance": 3}}).json
    assert (answer["warnings"], answer["prediction"]) == ([], pytest.approx(19.5))
    assert client.post("/api/v1/models/blind/predict", json={"inputs": {"distance": 3.5}}).status_code == 422
    assert "set on the card" in client.get("/models/blind/card").text


def published(make_app: MakeApp, tmp_path: Path, **settings: Any) -> FlaskClient:
    """Publish a model of fares with the sample that it was fitted on."""
    X = pd.DataFrame({"city": ["Rome", "Oslo"] * 20})
    source = tmp_path / "to publish"
    source.mkdir()
    joblib.dump(make_pipeline(Means(), LinearRegression()).fit(X, [1.0, 2.0] * 20), source / "fares.joblib")
    X.to_csv(source / "sample.csv", index=False)
    app = make_app(trusted_types=TRUSTED, **settings)
    command = ["models", "publish", source / "fares.joblib", "--name", "fares", "--no-golden"]
    command += ["--sample", source / "sample.csv"]
    result = app.test_cli_runner().invoke(args=list(map(str, command)))
    assert result.exit_code == 0, result.output
    app.extensions["scoredesk"].store.refresh()
    return app.test_client()


def test_a_sample_teaches_no_values_that_must_not_be_stored(make_app: MakeApp, tmp_path: Path) -> None:
    client = published(make_app, tmp_path, redact=["city"])
    assert client.get("/api/v1/models/fares").json["inputs"][0]["kind"] == "text"
    assert "Oslo" not in client.get("/models/fares").text + (tmp_path / "fares" / "1.json").read_text()


def test_a_sample_teaches_texts_and_their_values(make_app: MakeApp, tmp_path: Path) -> None:
    client = published(make_app, tmp_path)
    assert '<option value="Oslo">' in client.get("/models/fares").text
    assert "learned from the sample" in client.get("/models/fares/card").text
    known = client.post("/api/v1/models/fares/predict", json={"inputs": {"city": "Oslo"}}).json
    assert (known["prediction"], known["warnings"]) == (pytest.approx(2), [])
    other = client.post("/api/v1/models/fares/predict", json={"inputs": {"city": "Bonn"}}).json
    assert [each["msg"] for each in other["warnings"]] == ["City has a value that does not occur in the sample."]
