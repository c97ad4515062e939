"""Reports each request to the metrics, the traces and the access log."""

from __future__ import annotations

import logging

from flask import Flask, Request, Response, g

from webapp.config import Settings
from webapp.controllers.http.context import current_request
from webapp.services.telemetry import observed_request
from webapp.services.telemetry.observed_request import ObservedRequest
from webapp.services.wiring import Services

logger = logging.getLogger(__name__)

#: Any other method is reported as _OTHER, because clients can send any word.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask, settings: Settings) -> None:
    """Observe all requests: after they have an id, and before anything can answer them."""
    request_telemetry = RequestTelemetry(app.extensions["scoredesk"])
    app.before_request(request_telemetry.begin)
    app.after_request(request_telemetry.end)
    logger.setLevel(logging.INFO if settings.access_log else logging.WARNING)


class RequestTelemetry:
    """Observes the beginning and the end of each request."""

    def __init__(self, services: Services) -> None:
        self._store, self._metrics, self._traces = services.store, services.metrics, services.traces

    def begin(self) -> None:
        """Start to observe a request."""
        request = current_request()
        observed = ObservedRequest(request_id=g.request_id, route=request.url_rule.rule if request.url_rule else "")
        observed_request.enter(observed)
        self._traces.begin(observed, _method(request), request.environ)

    def end(self, response: Response) -> Response:
        """Report how the request ended."""
        request, status = current_request(), response.status_code
        observed = observed_request.current() or ObservedRequest()
        observed.model = observed.model or self._model(request)
        self._metrics.answered(observed, status, observed.seconds)
        self._traces.end(observed, _method(request), status)
        if logger.isEnabledFor(logging.INFO):
            _log(observed, _method(request), status)
        _leave(response)
        return response

    def _model(self, request: Request) -> str:
        """Return the name of the model in the address, if there is such a model."""
        name: str = request.view_args.get("name", "") if request.view_args else ""
        return name if name and self._store.knows(name) else ""


def _method(request: Request) -> str:
    return request.method if request.method in METHODS else "_OTHER"


def _log(observed: ObservedRequest, method: str, status: int) -> None:
    fields = {
        "method": method,
        "route": observed.route,
        "status": status,
        "duration": round(observed.seconds, 6),
        "model": observed.model,
        "version": observed.version,
        "channel": observed.channel,
    }
    words = " ".join(str(value) for value in fields.values() if value != "")
    logger.info("%s", words, extra={"fields": fields})


def _leave(response: Response) -> None:
    if response.direct_passthrough:
        observed_request.leave()
    else:
        # Logs and metrics while the answer is being sent still belong to this request.
        response.call_on_close(observed_request.leave)
