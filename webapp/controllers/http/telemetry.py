"""Tells the metrics, the traces and the access log of each request."""

from __future__ import annotations

import logging

from flask import Flask, Request, Response, g

from webapp.config import Settings
from webapp.controllers.http.context import current_request
from webapp.services.telemetry import observed_request
from webapp.services.telemetry.observed_request import ObservedRequest
from webapp.services.wiring import Services

logger = logging.getLogger(__name__)

#: Any other is a word that somebody sent.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask, settings: Settings) -> None:
    """Watch all requests; after the request ids and before all that may answer."""
    observing = RequestTelemetry(app.extensions["scoredesk"])
    app.before_request(observing.begin)
    app.after_request(observing.end)
    logger.setLevel(logging.INFO if settings.access_log else logging.WARNING)


class RequestTelemetry:
    """Looks at each request twice."""

    def __init__(self, services: Services) -> None:
        self._store, self._metrics, self._traces = services.store, services.metrics, services.traces

    def begin(self) -> None:
        """Note when a request began, and which."""
        request = current_request()
        begun = ObservedRequest(request_id=g.request_id, route=request.url_rule.rule if request.url_rule else "")
        observed_request.enter(begun)
        self._traces.begin(begun, _method(request), request.environ)

    def end(self, response: Response) -> Response:
        """Tell what became of it."""
        request, seen, status = current_request(), observed_request.current() or ObservedRequest(), response.status_code
        seen.model = seen.model or self._model(request)
        self._metrics.answered(seen, status, seen.seconds)
        self._traces.end(seen, _method(request), status)
        if logger.isEnabledFor(logging.INFO):
            _log(seen, _method(request), status)
        _leave(response)
        return response

    def _model(self, request: Request) -> str:
        """Give the model that the route names, if there is one of this name."""
        name: str = request.view_args.get("name", "") if request.view_args else ""
        return name if name and self._store.knows(name) else ""


def _method(request: Request) -> str:
    return request.method if request.method in METHODS else "_OTHER"


def _log(seen: ObservedRequest, method: str, status: int) -> None:
    fields = {
        "method": method,
        "route": seen.route,
        "status": status,
        "duration": round(seen.seconds, 6),
        "model": seen.model,
        "version": seen.version,
        "channel": seen.channel,
    }
    words = " ".join(str(value) for value in fields.values() if value != "")
    logger.info("%s", words, extra={"fields": fields})


def _leave(response: Response) -> None:
    if response.direct_passthrough:
        observed_request.leave()
    else:
        # What is still told while an answer is being sent is told of this request.
        response.call_on_close(observed_request.leave)
