"""Traces, where OTEL_EXPORTER_OTLP_ENDPOINT asks for them; elsewhere OpenTelemetry is not even imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from webapp.services.telemetry.observed_request import ObservedRequest

if TYPE_CHECKING:
    from webapp.services.telemetry.spans import Spans

Attributes = dict[str, str | int]
#: What is told where nobody listens.
NOTHING = nullcontext()


class Traces:
    """Tells a collector what became of each request, if there is one to tell; no span holds any input."""

    def __init__(self, endpoint: str | None) -> None:
        self._endpoint = endpoint
        self._spans: Spans | None = None

    def start(self) -> None:
        """Begin to tell; call it after a fork, never before one, because a thread sends what is told."""
        if self._endpoint:
            from webapp.services.telemetry.spans import Spans

            self._spans = Spans(self._endpoint)

    def stop(self) -> None:
        """Send what is left, for as long as a moment."""
        spans, self._spans = self._spans, None
        if spans:
            spans.close()

    def begin(self, visit: ObservedRequest, method: str, environ: Mapping[str, Any]) -> None:
        """Begin the span of a request, in the trace that its caller began if its WSGI environ tells of one."""
        # It may be stopped meanwhile.
        if spans := self._spans:
            visit.span = spans.server(f"{method} {visit.route}".strip(), environ)

    def end(self, visit: ObservedRequest, method: str, status: int) -> None:
        """End the span of a request."""
        if (spans := self._spans) and visit.span:
            attributes: Attributes = {
                "http.request.method": method,
                "http.route": visit.route,
                "http.response.status_code": status,
                "scoredesk.request_id": visit.request_id,
                "scoredesk.model": visit.model,
                "scoredesk.version": visit.version,
                "scoredesk.channel": visit.channel,
            }
            spans.end(visit.span, {name: value for name, value in attributes.items() if value}, status >= 500)

    def part(
        self, name: str, visits: Sequence[ObservedRequest], attributes: Attributes
    ) -> AbstractContextManager[None]:
        """Tell of work that is done for several requests at once.

        It belongs to the trace of the first of them, whose thread does it, and is linked to the others. What is
        found out meanwhile may be added to the attributes.
        """
        if (spans := self._spans) is None or not visits or visits[0].span is None:
            return NOTHING
        return _part(spans, name, visits, attributes)


@contextmanager
def _part(spans: Spans, name: str, visits: Sequence[ObservedRequest], attributes: Attributes) -> Iterator[None]:
    span = spans.child(name, visits[0].span, [visit.span for visit in visits[1:] if visit.span])
    failed = True
    try:
        yield
        failed = False
    finally:
        spans.end(span, attributes, failed)
