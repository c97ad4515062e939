"""A model that was probably fitted on scaled inputs is served with a caution on its pages and in ``models check``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tests.conftest import MakeApp

RNG = np.random.default_rng(0)
X = RNG.normal([40, 1000], [10, 300], size=(200, 2))
Y = (X[:, 0] + X[:, 1] / 30 + RNG.normal(0, 10, 200) > 73).astype(int)
SCALER = StandardScaler().fit(X)
SCALED = SCALER.transform(X)
MODELS = {
    "trees": RandomForestClassifier(5, random_state=0),
    "neighbours": KNeighborsClassifier(),
    "vectors": SVC(),
    "bayes": GaussianNB(),
}


def pages(make_app: MakeApp, models: dict[str, Any]) -> list[str]:
    client = make_app(models).test_client()
    return [client.get(path).text for path in ("/models/model", "/models/model/card")]


@pytest.mark.parametrize("kind", MODELS)
def test_statistics_of_mean_0_and_spread_1_are_told(make_app: MakeApp, kind: str) -> None:
    form, card = pages(make_app, {"model": MODELS[kind].fit(SCALED, Y)})
    assert "seems to expect inputs that were scaled first" in form
    assert "its own statistics have mean 0 and spread 1" in card


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_of_inputs_as_they_are_has_no_caution(make_app: MakeApp, kind: str) -> None:
    for page in pages(make_app, {"model": MODELS[kind].fit(X, Y)}):
        assert 'class="caution"' not in page


def test_a_transformer_beside_it_that_would_fit_is_named(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app({"model": LogisticRegression().fit(SCALED, Y), "scaler": SCALER})
    card = app.test_client().get("/models/model/card").text
    assert "“scaler” (StandardScaler)" in card
    assert "models publish MODEL --before TRANSFORMER" in card
    result = app.test_cli_runner().invoke(args=["models", "check", str(tmp_path / "model.joblib")])
    assert "Caution:" in result.output
    assert "“scaler.joblib” (StandardScaler)" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize(
    "models",
    [
        {"model": LogisticRegression().fit(SCALED, Y), "scaler": StandardScaler().fit(np.c_[X, X])},
        {"model": make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X, Y)},
        {"model": LogisticRegression().fit(pd.DataFrame(X, columns=["age", "income"]), Y), "scaler": SCALER},
    ],
    ids=["of other columns", "in a pipeline", "beside a model with names"],
)
def test_a_transformer_that_can_not_belong_to_it_is_no_reason(make_app: MakeApp, models: dict[str, Any]) -> None:
    for page in pages(make_app, models):
        assert 'class="caution"' not in page
