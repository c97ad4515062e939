"""GET /metrics"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.telemetry.numbers import families, samples, total

NOWHERE = "postgresql://x@127.0.0.1:9/x"
PREDICT = "/api/v1/models/penguins/predict"
ROUTE = "/api/v1/models/<name>/predict"
BLANKS = dict.fromkeys(["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "island", "sex"])
HOSTILE = 'evil"}\n1'


def numbers(client: FlaskClient) -> str:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


def test_it_is_in_the_text_format_of_prometheus(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post(PREDICT, json={"inputs": penguin})
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    for family in families(answer.text):
        assert family.name.startswith("scoredesk_")
        assert family.documentation
        assert family.type in ("counter", "gauge", "histogram")


def test_it_counts_requests(client: FlaskClient, penguin: dict[str, Any]) -> None:
    for _ in range(3):
        client.post(PREDICT, json={"inputs": penguin})
    client.post(PREDICT, json={"inputs": {"sex": 5}})
    client.post("/models/penguins", data=penguin)
    client.get("/models/penguins")
    text = numbers(client)
    version = client.get("/api/v1/models/penguins").json["version"]
    json = {"route": ROUTE, "model": "penguins", "version": version, "channel": "json"}
    assert total(text, "requests_total", **json, status="200") == 3
    assert total(text, "requests_total", **json, status="422") == 1
    form = {"route": "/models/<name>", "model": "penguins"}
    assert total(text, "requests_total", **form, version=version, channel="form", status="303") == 1
    # Who only looks at a form asks no version.
    assert total(text, "requests_total", **form, version="", channel="", status="200") == 1
    assert total(text, "request_duration_seconds_count", route=ROUTE, model="penguins") == 4
    assert 0 < total(text, "request_duration_seconds_sum", route=ROUTE, model="penguins") < 60


def test_it_counts_instances_by_the_call(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post(PREDICT, json={"inputs": [penguin] * 5})
    client.post(PREDICT, json={"inputs": penguin})
    client.post(PREDICT, json={"inputs": {"sex": 5}})
    text = numbers(client)
    assert total(text, "batch_instances_count", model="penguins") == 2
    assert total(text, "batch_instances_sum", model="penguins") == 6
    assert total(text, "estimator_call_duration_seconds_count", model="penguins") == 2
    assert total(text, "predictions_total", model="penguins", status="answered", recorded_in="database") == 6
    assert total(text, "predictions_total", model="penguins", status="rejected", recorded_in="database") == 1
    assert total(text, "waiting_instances") == 0


def test_an_explanation_is_a_call_but_no_prediction(client: FlaskClient, penguin: dict[str, Any]) -> None:
    client.post(f"{PREDICT}?explain=true", json={"inputs": penguin})
    text = numbers(client)
    assert total(text, "batch_instances_count") == 2
    assert total(text, "predictions_total") == 1


@pytest.mark.parametrize("method", ["GET", "POST", "BREW"])
@pytest.mark.parametrize(
    "path",
    [
        f"/models/{HOSTILE}",
        f"/models/{HOSTILE}/card",
        f"/api/v1/models/{HOSTILE}/predict",
        f"/api/v1/models/penguins/versions/{HOSTILE}/predict",
        f"/predictions/{HOSTILE}",
        f"/nothing/{HOSTILE}",
    ],
)
def test_what_somebody_sends_is_no_label(client: FlaskClient, path: str, method: str) -> None:
    client.open(path, method=method, json={"inputs": {HOSTILE: HOSTILE}}, headers={"X-Request-ID": "evil"})
    text = numbers(client)
    assert total(text, "requests_total") == 1
    assert "evil" not in text
    assert {sample.labels["model"] for sample in samples(text, "requests_total")} <= {"", "penguins"}


def test_a_model_that_is_not_there_adds_no_series(client: FlaskClient) -> None:
    before = {client.get(f"/models/dragon-{number}").status_code for number in range(2)}
    few = len(numbers(client).splitlines())
    for number in range(50):
        client.get(f"/models/dragon-{number}")
        client.post(f"/api/v1/models/dragon-{number}/predict", json={"inputs": {}})
    client.get(f"/api/v1/models/dragon-{number}")
    assert before == {404}
    # Two more routes, and that of /metrics itself.
    assert len(numbers(client).splitlines()) - few <= 3 * 20


def test_it_tells_what_waits_while_postgresql_is_away(make_app: MakeApp, demo_models: Path) -> None:
    client = make_app(models_dir=demo_models, database_url=NOWHERE).test_client()
    assert total(numbers(client), "recording_in_database") == 1
    for _ in range(2):
        client.post(PREDICT, json={"inputs": {"sex": 5}})
    text = numbers(client)
    assert total(text, "recording_in_database") == 0
    assert total(text, "predictions_total", status="rejected", recorded_in="spool") == 2
    assert total(text, "spool_rows") == 2
    assert 0 <= total(text, "spool_oldest_age_seconds") < 60
    assert total(text, "spool_set_aside_rows") == 0


def test_it_goes_without_a_spool_that_cannot_be_read(make_app: MakeApp, demo_models: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    text = numbers(make_app(models_dir=demo_models, spool_dir=tmp_path / "file").test_client())
    assert list(samples(text, "spool_rows")) == []
    assert total(text, "models", state="served") == 3


def test_it_tells_what_is_served(make_app: MakeApp, demo_models: Path, tmp_path: Path) -> None:
    for path in demo_models.glob("penguins*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "broken.joblib").write_bytes(b"nothing")
    client = make_app(models_dir=tmp_path).test_client()
    text = numbers(client)
    assert total(text, "models", state="served") == 1
    assert total(text, "models", state="unserved") == 1
    version = client.get("/api/v1/models/penguins").json["version"]
    assert [sample.labels for sample in samples(text, "champion_info")] == [{"model": "penguins", "version": version}]
    assert total(text, "model_load_duration_seconds_count", result="served") == 1
    assert total(text, "model_load_duration_seconds_count", result="unserved") == 1


@pytest.mark.parametrize(
    ("channel", "path", "body"),
    [
        ("v1", "/v1/models/penguins:predict", {"instances": [{"island": "Dream"}]}),
        ("mlflow", "/mlflow/penguins/invocations", {"inputs": BLANKS | {"island": "Dream"}}),
        (
            "v2",
            "/v2/models/penguins/infer",
            {"inputs": [{"name": "island", "datatype": "BYTES", "shape": [1], "data": ["Dream"]}]},
        ),
    ],
)
def test_each_door_has_its_own_numbers(client: FlaskClient, channel: str, path: str, body: Any) -> None:
    assert client.post(path, json=body).status_code == 200
    text = numbers(client)
    assert total(text, "requests_total", model="penguins", channel=channel, status="200") == 1
    assert total(text, "predictions_total", model="penguins", channel=channel, status="answered") == 1
