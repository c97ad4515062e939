"""Liveness and readiness probes."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.controllers.http.context import services
from webapp.controllers.http.responses import json_answer
from webapp.helpers import shapes
from webapp.services.readiness import seconds_waited
from webapp.services.spool import SpoolStatus

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def live() -> Response:
    """Answer that the process is alive."""
    return json_answer({"status": "alive"})


@bp.get("/readyz")
def ready() -> Response:
    """Return how many models are loaded, whether and where predictions can be recorded, and what is wrong."""
    store, readiness = services().store, services().readiness.check()
    body: shapes.Readiness = {
        "status": ("degraded" if readiness.reasons else "ready") if readiness.is_ready else "not ready",
        "reasons": readiness.reasons,
        "models": len(store.served()),
        "unserved": len(store.unserved()),
        "recording": readiness.recording,
        "spool": _spool(readiness.spool),
    }
    return json_answer(body, 200 if readiness.is_ready else 503)


def _spool(status: SpoolStatus | None) -> shapes.SpoolStatus | None:
    """Return the number of rows that wait for PostgreSQL, and for how long; None if the spool can't be read."""
    if status is None:
        return None
    return {"rows": status.rows, "seconds": round(seconds_waited(status), 3), "set_aside": status.set_aside}
