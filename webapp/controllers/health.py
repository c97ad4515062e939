"""Liveness and readiness probes."""

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
    """Answer that the process is alive."""
    return json_answer({"status": "alive"})


@bp.get("/readyz")
def ready() -> Response:
    """Return how many models are loaded, and whether and where predictions can be recorded."""
    store, log = services().store, services().log
    try:
        log.check()
        recording: Literal["database", "spool"] | None = "database" if log.in_database else "spool"
    except PredictionLogUnavailable:
        recording = None
    served, unserved = len(store.served()), len(store.unserved())
    # Whether the folder was found is known once the store was asked.
    is_ready = recording is not None and store.was_found
    body: shapes.Readiness = {
        "status": "ready" if is_ready else "not ready",
        "models": served,
        "unserved": unserved,
        "recording": recording,
        "spool": _spool(),
    }
    return json_answer(body, 200 if is_ready else 503)


def _spool() -> shapes.SpoolStatus | None:
    """Return the number of rows that wait for PostgreSQL, and for how long; None if the spool can't be read."""
    try:
        status = services().spool.status()
    except SpoolUnavailable:
        return None
    # The clock may have been set back since.
    waited = max(0.0, (datetime.now(UTC) - status.oldest).total_seconds()) if status.oldest else 0.0
    return {"rows": status.rows, "seconds": round(waited, 3), "set_aside": status.set_aside}
