"""Tells the metrics, the traces and the access log of each request."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request

from webapp.config import Settings
from webapp.controllers.current import services
from webapp.services.telemetry import visit
from webapp.services.telemetry.visit import Visit

logger = logging.getLogger(__name__)

#: Any other is a word that somebody sent.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask, settings: Settings) -> None:
    """Watch all requests; after the request ids and before all that may answer."""
    app.before_request(_begin)
    app.after_request(_end)
    logger.setLevel(logging.INFO if settings.access_log else logging.WARNING)


def _begin() -> None:
    g.visit = begun = Visit(request_id=g.request_id, route=request.url_rule.rule if request.url_rule else "")
    visit.enter(begun)
    services().traces.begin(begun, _method(), request.environ)


def _end(response: Response) -> Response:
    seen: Visit = g.get("visit") or Visit()
    seen.model = seen.model or _model()
    services().metrics.answered(seen, response.status_code, seen.seconds)
    services().traces.end(seen, _method(), response.status_code)
    if logger.isEnabledFor(logging.INFO):
        _log(seen, response.status_code)
    _leave(response)
    return response


def _leave(response: Response) -> None:
    if response.direct_passthrough:
        visit.leave()
    else:
        # What is still told while an answer is being sent is told of this request.
        response.call_on_close(visit.leave)


def _method() -> str:
    return request.method if request.method in METHODS else "_OTHER"


def _model() -> str:
    """Give the model that the route names, if there is one of this name."""
    name = (request.view_args or {}).get("name", "")
    return name if name and services().store.knows(name) else ""


def _log(seen: Visit, status: int) -> None:
    fields = {
        "method": _method(),
        "route": seen.route,
        "status": status,
        "duration": round(seen.seconds, 6),
        "model": seen.model,
        "version": seen.version,
        "channel": seen.channel,
    }
    words = " ".join(str(value) for value in fields.values() if value != "")
    logger.info("%s", words, extra={"fields": fields})
