"""Models that say nothing about their inputs are served with what was found by trying."""

from __future__ import annotations

from pathlib import Path

import joblib
import pytest
from sklearn.linear_model import LinearRegression

from tests.cells import loader
from tests.conftest import MakeApp
from tests.unit.cell.misbehaving import Dying, Lying
from tests.unit.cell.test_probing import behind, days

TRUSTED = ["tests.unit.cell.test_probing.days"]


def test_a_date_behind_a_function_is_answered(make_app: MakeApp) -> None:
    model = behind(days, "day")
    client = make_app({"visits": model}, trusted_types=TRUSTED).test_client()
    answer = client.post("/api/v1/models/visits/predict", json={"inputs": {"day": "2024-02-01"}})
    assert answer.status_code == 200
    assert answer.json["prediction"] == pytest.approx(1, abs=0.1)
    assert client.post("/api/v1/models/visits/predict", json={"inputs": {"day": 1.0}}).status_code == 422


def test_the_form_takes_it_too(make_app: MakeApp) -> None:
    client = make_app({"visits": behind(days, "day")}, trusted_types=TRUSTED).test_client()
    (entry,) = client.get("/api/v1/models/visits").json["inputs"]
    assert (entry["kind"], entry["guessed"]) == ("date", False)
    assert 'type="date"' in client.get("/models/visits").text
    assert "found by testing the model" in client.get("/models/visits/card").text


def test_a_model_that_crashes_during_a_try_is_served_as_before(make_app: MakeApp) -> None:
    client = make_app({"dying": Dying()}, trusted_types=[f"{Dying.__module__}.Dying"]).test_client()
    (entry,) = client.get("/api/v1/models/dying").json["inputs"]
    assert entry["kind"] == "number"


def test_a_false_report_is_not_believed_and_says_nothing_about_the_next_file(tmp_path: Path) -> None:
    joblib.dump(Lying(), tmp_path / "lying.joblib")
    joblib.dump(LinearRegression().fit([[1.0, 2.0]], [3.0]), tmp_path / "line.joblib")
    trusting = loader(trusted_types=[f"{Lying.__module__}.Lying"])
    lie = trusting.check(tmp_path / "lying.joblib", model="lying")
    assert (lie.reason, lie.is_final, lie.report.probed) == ("Its process crashed.", False, {})
    honest = trusting.check(tmp_path / "line.joblib", model="line").report.signature
    assert honest is not None
    assert [(feature.name, feature.kind) for feature in honest.features] == [("x0", "number"), ("x1", "number")]
