"""Requests that arrive together are predicted and recorded together, and each gets its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import psycopg
import pytest
from flask import Flask
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from werkzeug.test import TestResponse

from tests.conftest import MakeApp
from webapp.services.model_store.lane import Lane

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 2))


class Picky(RegressorMixin, BaseEstimator):
    """Doubles numbers, unless it finds a negative one among them."""

    n_features_in_ = 1

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        if (X < 0).any():
            raise ValueError("negative")
        return 2 * X[:, 0]


MODELS = {
    "sum": LinearRegression().fit(X, X.sum(axis=1)),
    "side": LogisticRegression().fit(X, np.where(X[:, 0] > 0, "right", "left")),
    "sides": MultiOutputClassifier(LogisticRegression()).fit(X, (X > 0).astype(int)),
    "picky": Picky(),
}


class Crowd:
    """Requests that wait in one lane behind a leader whose record is held up."""

    def __init__(self, app: Flask, database_url: str, pool: ThreadPoolExecutor) -> None:
        self.app, self._url, self._pool = app, database_url, pool

    def together(self, model: str, bodies: list[Any]) -> list[TestResponse]:
        """Send a first request and then all these, so that they share a call; give the answers to these."""
        lane = self.app.extensions["scoredesk"].store.get(model).lane
        with psycopg.connect(self._url) as other:
            other.execute("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE")
            self._ask(model, {"inputs": dict.fromkeys(self._features(model), 0.5)})
            wait_until(lambda: lane._leaders == 1)
            asked = [self._ask_behind(lane, model, body) for body in bodies]
        return [each.result(30) for each in asked]

    def _ask(self, model: str, body: Any) -> Future[TestResponse]:
        return self._pool.submit(self.app.test_client().post, f"/api/v1/models/{model}/predict", json=body)

    def _ask_behind(self, lane: Lane, model: str, body: Any) -> Future[TestResponse]:
        waiting = len(lane._queue)
        asked = self._ask(model, body)
        wait_until(lambda: len(lane._queue) > waiting)
        return asked

    def _features(self, model: str) -> list[str]:
        return [feature.name for feature in self.app.extensions["scoredesk"].store.get(model).signature.features]


def wait_until(condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def crowd(make_app: MakeApp, database_url: str) -> Iterator[Crowd]:
    # With more cells there would be more leaders, none of whom waits for another.
    app = make_app(MODELS, trusted_types=[f"{__name__}.Picky"], cells="1")
    app.test_client().post("/api/v1/models/sum/predict", json={"inputs": {"x0": 0, "x1": 0}})
    with ThreadPoolExecutor(20) as pool:
        yield Crowd(app, database_url, pool)


def records(crowd: Crowd, model: str) -> list[dict[str, Any]]:
    found = crowd.app.test_client().get(f"/api/v1/predictions?model={model}").json
    return list(reversed(found["predictions"]))


def point(number: int) -> dict[str, float]:
    return {"x0": float(number), "x1": number / 4}


def test_single_requests_and_lists_share_one_call(crowd: Crowd) -> None:
    bodies = [{"inputs": point(1)}, {"inputs": [point(2), point(3)]}, {"inputs": point(4)}, {"inputs": [point(5)]}]
    one, two, four, five = (answer.json for answer in crowd.together("sum", bodies))
    predicted = [one, *two["predictions"], four, *five["predictions"]]
    assert [each["prediction"] for each in predicted] == pytest.approx([1.25, 2.5, 3.75, 5, 6.25])
    kept = {each["id"]: each for each in records(crowd, "sum")}
    assert [kept[each["id"]]["inputs"] for each in predicted] == [point(number) for number in range(1, 6)]
    # One call has one duration.
    assert len({kept[each["id"]]["duration"] for each in predicted}) == 1


def test_each_gets_the_probabilities_of_its_own_row(crowd: Crowd) -> None:
    numbers = [-3, 2, -1, 4]
    answers = crowd.together("side", [{"inputs": point(number)} for number in numbers])
    assert [answer.json["prediction"] for answer in answers] == ["left", "right", "left", "right"]
    alone = MODELS["side"].predict_proba([list(point(number).values()) for number in numbers])
    assert [list(answer.json["probabilities"].values()) for answer in answers] == pytest.approx(alone)


def test_models_with_several_outputs_share_calls_too(crowd: Crowd) -> None:
    points = [{"x0": -1.0, "x1": 2.0}, {"x0": 1.0, "x1": -2.0}, {"x0": 1.0, "x1": 2.0}]
    answers = crowd.together("sides", [{"inputs": each} for each in points])
    assert [answer.json["prediction"] for answer in answers] == [[0, 1], [1, 0], [1, 1]]


def test_a_row_that_fails_is_nobody_elses(crowd: Crowd) -> None:
    bodies = [{"inputs": {"x0": 1}}, {"inputs": [{"x0": 2}, {"x0": -1}]}, {"inputs": {"x0": 3}}]
    first, bad, last = crowd.together("picky", bodies)
    assert (first.json["prediction"], bad.status_code, last.json["prediction"]) == (2, 422, 6)
    (refused,) = [each for each in records(crowd, "picky") if each["status"] == "rejected"]
    assert [error["loc"] for error in refused["errors"]] == [["inputs", 1, "x0"]]


def test_what_is_refused_is_recorded_with_the_others(crowd: Crowd) -> None:
    bodies = [{"inputs": point(1)}, {"inputs": {"x0": "one"}}, {"inputs": point(2)}]
    answers = crowd.together("sum", bodies)
    assert [answer.status_code for answer in answers] == [200, 422, 200]
    assert [each["status"] for each in records(crowd, "sum")].count("rejected") == 1
