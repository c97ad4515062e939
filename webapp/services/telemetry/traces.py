"""Traces, if OTEL_EXPORTER_OTLP_ENDPOINT is set; otherwise OpenTelemetry is not even imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from webapp.services.telemetry.observed_request import ObservedRequest

if TYPE_CHECKING:
    from webapp.services.telemetry.spans import Spans

Attributes = dict[str, str | int]
#: The context of a part that is not traced.
NOT_TRACED = nullcontext()


class Traces:
    """Sends a span of each request to a collector, if there is one; no span contains an input."""

    def __init__(self, endpoint: str | None) -> None:
        self._endpoint = endpoint
        self._spans: Spans | None = None

    def start(self) -> None:
        """Start to send; call this after a fork, never before one, because it starts a thread."""
        if self._endpoint:
            from webapp.services.telemetry.spans import Spans

            self._spans = Spans(self._endpoint)

    def stop(self) -> None:
        """Send the remaining spans, within a few seconds."""
        spans, self._spans = self._spans, None
        if spans:
            spans.close()

    def begin(self, request: ObservedRequest, method: str, environ: Mapping[str, Any]) -> None:
        """Begin the span of a request, in the trace that its WSGI environ names, if any."""
        # Another thread may stop it meanwhile.
        if spans := self._spans:
            request.span = spans.server(f"{method} {request.route}".strip(), environ)

    def end(self, request: ObservedRequest, method: str, status: int) -> None:
        """End the span of a request."""
        if (spans := self._spans) and request.span:
            attributes: Attributes = {
                "http.request.method": method,
                "http.route": request.route,
                "http.response.status_code": status,
                "scoredesk.request_id": request.request_id,
                "scoredesk.model": request.model,
                "scoredesk.version": request.version,
                "scoredesk.channel": request.channel,
            }
            spans.end(request.span, {name: value for name, value in attributes.items() if value}, status >= 500)

    def part(
        self, name: str, requests: Sequence[ObservedRequest], attributes: Attributes
    ) -> AbstractContextManager[None]:
        """Trace work that is done for several requests at once.

        The span belongs to the trace of the first request, whose thread does the work, and is linked to the others.
        Attributes may be added until the block ends.
        """
        if (spans := self._spans) is None or not requests or requests[0].span is None:
            return NOT_TRACED
        return _part(spans, name, requests, attributes)


@contextmanager
def _part(spans: Spans, name: str, requests: Sequence[ObservedRequest], attributes: Attributes) -> Iterator[None]:
    span = spans.child(name, requests[0].span, [request.span for request in requests[1:] if request.span])
    failed = True
    try:
        yield
        failed = False
    finally:
        spans.end(span, attributes, failed)
