"""Metrics for Prometheus."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.controllers.http.context import services

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
def metrics() -> Response:
    """Return the metrics of all workers."""
    scrape = services().scrape
    return Response(scrape.text(), content_type=scrape.content_type)
