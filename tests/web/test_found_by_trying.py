"""Models that say nothing about their inputs are served with what the sandbox found by trying."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from webapp.cell.sandbox.sandbox import Sandbox, shared_sandbox

from tests.conftest import MakeApp
from tests.unit.cell.sandbox.test_probing import behind, days
from webapp.services.model_store.artifact import ArtifactLoader

TRUSTED = ["tests.unit.cell.sandbox.test_probing.days"]


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
    assert entry["kind"] == "text"
    assert "found by testing the model" in client.get("/models/visits/card").text


class Dying(RegressorMixin, BaseEstimator):
    """Ends its process when it predicts for a text."""

    n_features_in_ = 1

    def predict(self, X: Any) -> Any:
        if isinstance(X[0, 0], str):
            os._exit(1)
        raise ValueError


class Lying(RegressorMixin, BaseEstimator):
    """Writes a false report into every file that it can write to."""

    n_features_in_ = 1

    def predict(self, X: Any) -> Any:
        for file in range(3, 20):
            try:
                os.write(file, b'{"probed": {"x0": "integer"}}\n{"probed": {"x0": "integer"}}\n')
            except OSError:
                continue
        os._exit(0)
        return np.zeros(1)


def test_a_model_that_crashes_during_a_try_is_served_as_before(make_app: MakeApp) -> None:
    client = make_app({"dying": Dying()}, trusted_types=[f"{__name__}.Dying"]).test_client()
    (entry,) = client.get("/api/v1/models/dying").json["inputs"]
    assert entry["kind"] == "number"


def test_a_kind_that_makes_no_sense_is_not_believed(tmp_path: Path) -> None:
    joblib.dump(Lying(), tmp_path / "lying.joblib")
    loader = ArtifactLoader(shared_sandbox(), trusted_types=[f"{__name__}.Lying"])
    assert loader.check(tmp_path / "lying.joblib", model="lying").reason == "It could not be tested."


def test_a_false_report_says_nothing_about_the_next_file(tmp_path: Path) -> None:
    joblib.dump(Lying(), tmp_path / "lying.joblib")
    joblib.dump(LinearRegression().fit([[1.0, 2.0]], [3.0]), tmp_path / "line.joblib")
    with closing(Sandbox()) as sandbox:
        loader = ArtifactLoader(sandbox, trusted_types=[f"{__name__}.Lying"])
        loader.check(tmp_path / "lying.joblib", model="lying")
        check = loader.check(tmp_path / "line.joblib", model="line")
    assert check.report.inputs == ("x0 (number)", "x1 (number)")
