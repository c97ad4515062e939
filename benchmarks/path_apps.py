"""The service with one thing changed, for path.py: what recording costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Flask

from webapp import create_app
from webapp.services.prediction.batch import PredictionRequest, RequestResult
from webapp.services.prediction.predictor import Predictor
from webapp.types import Prediction


def hello() -> Flask:
    """The least that Flask can do."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "Hello, World!")
    app.add_url_rule("/", view_func=lambda: "Hello, World!", methods=["POST"], endpoint="post")
    return app


def no_log() -> Flask:
    """Predicts together, records nothing."""

    class Silent:
        def record(self, predictions: Sequence[Prediction]) -> str:
            return "nowhere"

    return _with(Predictor, log=Silent())


def one_insert() -> Flask:
    """Predicts and records each request alone."""

    class Alone(Predictor):
        def _run(self, model: Any, request: PredictionRequest) -> RequestResult:
            return self._answer(model, [request])[0]

    return _with(Alone)


def lane() -> Flask:
    """The service as it is."""
    return create_app()


def _with(kind: type[Predictor], log: Any = None) -> Flask:
    app = create_app()
    services = app.extensions["scoredesk"]
    was = services.predictor
    predictor = kind(log or services.log, was._limits, was._observer, was._redaction)
    app.extensions["scoredesk"] = replace(services, predictor=predictor)
    return app
