"""The probes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from flask import Blueprint, Response

from webapp.controllers.http.context import services
from webapp.controllers.http.responses import json_answer
from webapp.errors import PredictionLogUnavailable, SpoolUnavailable
from webapp.helpers import shapes

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def live() -> Response:
    """Tell that the process lives."""
    return json_answer({"status": "alive"})


@bp.get("/readyz")
def ready() -> Response:
    """Tell whether models are loaded and predictions can be recorded, and where."""
    store, log = services().store, services().log
    try:
        log.check()
        recording: Literal["database", "spool"] | None = "database" if log.in_database else "spool"
    except PredictionLogUnavailable:
        recording = None
    body: shapes.Readiness = {
        "status": "ready" if recording else "not ready",
        "models": len(store.served()),
        "unserved": len(store.unserved()),
        "recording": recording,
        "spool": _spool(),
    }
    return json_answer(body, 200 if recording else 503)


def _spool() -> shapes.SpoolStatus | None:
    """Tell what waits for PostgreSQL on this machine, and for how many seconds; None if that can't be read."""
    try:
        status = services().spool.status()
    except SpoolUnavailable:
        return None
    # The clock may have been set back meanwhile.
    waited = max(0.0, (datetime.now(UTC) - status.oldest).total_seconds()) if status.oldest else 0.0
    return {"rows": status.rows, "seconds": round(waited, 3), "set_aside": status.set_aside}
