"""Reports to the metrics and the traces what a predictor does, without influencing it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from webapp.services.telemetry.metrics import Metrics
from webapp.services.telemetry.observed_request import ObservedRequest, current
from webapp.services.telemetry.traces import Attributes, Traces
from webapp.types import Prediction


class Observer:
    """Observes each batch once, however many instances it has."""

    def __init__(self, metrics: Metrics, traces: Traces) -> None:
        self._metrics = metrics
        self._traces = traces

    def predicting(self, model: str, version: str, channel: str | None) -> ObservedRequest | None:
        """Set which model answers the request of this thread, and return that request."""
        request = current()
        if request:
            request.model, request.version, request.channel = model, version, channel or request.channel
        return request

    @contextmanager
    def estimator_call(
        self, model: str, version: str, instances: int, observed: Sequence[ObservedRequest]
    ) -> Iterator[None]:
        """Observe one call of an estimator."""
        attributes: Attributes = {
            "scoredesk.model": model,
            "scoredesk.version": version,
            "scoredesk.batch.instances": instances,
            "scoredesk.batch.requests": max(1, len(observed)),
        }
        began = time.perf_counter()
        try:
            with self._traces.part("estimator", observed, attributes):
                yield
        finally:
            self._metrics.called(model, instances, time.perf_counter() - began)

    @contextmanager
    def recording(
        self, requests: Sequence[Sequence[Prediction]], observed: Sequence[ObservedRequest]
    ) -> Iterator[Callable[[str], None]]:
        """Observe one commit of the predictions of several requests.

        Yields
        ------
        report : callable
            The block calls it with the place where the predictions were recorded.
        """
        attributes: Attributes = {"scoredesk.predictions": sum(map(len, requests))}

        def report(where: str) -> None:
            attributes["scoredesk.recorded_in"] = where
            for one, *more in filter(None, requests):
                # The predictions of one request have the same labels.
                self._metrics.recorded(one.model, one.version, one.channel, one.status, where, 1 + len(more))

        with self._traces.part("record", observed, attributes):
            yield report
