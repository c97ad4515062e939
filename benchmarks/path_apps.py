"""The service with one thing changed, for path.py: what recording costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Flask

from webapp import create_app
from webapp.services.predictor import Outcome, Predictor, Request
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
        def record(self, predictions: Sequence[Prediction]) -> None:
            pass

    return _with(Predictor, log=Silent())


def one_insert() -> Flask:
    """Predicts and records each request alone."""

    class Alone(Predictor):
        def _go(self, model: Any, request: Request) -> Outcome:
            return self._answer(model, [request])[0]

    return _with(Alone)


def lane() -> Flask:
    """The service as it is."""
    return create_app()


def _with(kind: type[Predictor], log: Any = None) -> Flask:
    app = create_app()
    services = app.extensions["scoredesk"]
    predictor = kind(log or services.log, services.predictor._limits)
    app.extensions["scoredesk"] = replace(services, predictor=predictor)
    return app
