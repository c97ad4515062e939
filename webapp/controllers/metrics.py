"""The numbers for Prometheus."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.controllers.http.context import services

bp = Blueprint("metrics", __name__)


@bp.get("/metrics")
def metrics() -> Response:
    """Tell what all workers counted."""
    scrape = services().scrape
    return Response(scrape.text(), content_type=scrape.content_type)
