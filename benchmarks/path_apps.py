"""The service with one part changed, to measure what recording costs (see path.py)."""

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
    """Return the smallest Flask app."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "Hello, World!")
    app.add_url_rule("/", view_func=lambda: "Hello, World!", methods=["POST"], endpoint="post")
    return app


def no_log() -> Flask:
    """Return the service without a log: it predicts in batches and records nothing."""

    class NoLog:
        def record(self, predictions: Sequence[Prediction]) -> str:
            return "nowhere"

    return _with(Predictor, log=NoLog())


def one_insert() -> Flask:
    """Return the service without batches: it predicts and records each request separately."""

    class Unbatched(Predictor):
        def _run(self, model: Any, request: PredictionRequest) -> RequestResult:
            return self._answer(model, [request])[0]

    return _with(Unbatched)


def lane() -> Flask:
    """Return the service unchanged."""
    return create_app()


def _with(kind: type[Predictor], log: Any = None) -> Flask:
    app = create_app()
    services = app.extensions["scoredesk"]
    original = services.predictor
    predictor = kind(log or services.log, original._limits, original._observer, original._redaction)
    app.extensions["scoredesk"] = replace(services, predictor=predictor)
    return app
