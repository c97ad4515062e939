"""Spans of OpenTelemetry, sent as OTLP over HTTP. Only Traces imports this module."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from threading import Thread
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

#: Seconds that a worker that ends waits until its last spans are sent.
CLOSE_TIMEOUT_SECONDS = 3.0
HEADERS = {"traceparent": "HTTP_TRACEPARENT", "tracestate": "HTTP_TRACESTATE"}


class Spans:
    """Makes spans, and sends them from a separate thread."""

    def __init__(self, endpoint: str) -> None:
        name = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": "scoredesk"}
        # The provider's own exit handler would wait forever; the worker calls close() instead.
        self._provider = TracerProvider(resource=Resource.create(name), shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("scoredesk")
        self._propagator = TraceContextTextMapPropagator()

    def server(self, name: str, environ: Mapping[str, Any]) -> Span:
        """Begin the span of a request, in the trace that its headers name, if any."""
        context = {key: environ[header] for key, header in HEADERS.items() if header in environ}
        return self._tracer.start_span(name, self._propagator.extract(context), SpanKind.SERVER)

    def child(self, name: str, parent: Span, others: Sequence[Span]) -> Span:
        """Begin the span of a part of a request, linked to the other requests that it serves too."""
        links = [Link(other.get_span_context()) for other in others]
        return self._tracer.start_span(name, set_span_in_context(parent), links=links)

    def end(self, span: Span, attributes: Mapping[str, str | int], failed: bool) -> None:
        """End a span; an error is marked without its message, which may repeat an input."""
        span.set_attributes(attributes)
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end()

    def close(self) -> None:
        """Send the remaining spans."""
        sending = Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(CLOSE_TIMEOUT_SECONDS)
