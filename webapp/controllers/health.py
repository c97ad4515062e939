"""The probes."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.controllers.answers import json_answer
from webapp.controllers.current import services
from webapp.errors import PredictionLogUnavailable

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def live() -> Response:
    """Tell that the process lives."""
    return json_answer({"status": "alive"})


@bp.get("/readyz")
def ready() -> Response:
    """Tell whether models are loaded and predictions can be recorded."""
    store = services().store
    try:
        services().log.check()
        recording = True
    except PredictionLogUnavailable:
        recording = False
    body = {
        "status": "ready" if recording else "not ready",
        "models": len(store.served()),
        "unserved": len(store.unserved()),
        "recording": recording,
    }
    return json_answer(body, 200 if recording else 503)
