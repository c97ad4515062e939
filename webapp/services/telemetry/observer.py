"""Tells the metrics and the traces what a predictor does."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from webapp.services.prediction_log import PredictionLog
from webapp.services.telemetry.metrics import Metrics
from webapp.services.telemetry.traces import Attributes, Traces
from webapp.services.telemetry.visit import Visit, current
from webapp.types import Prediction


class Observer:
    """Watches each batch once, however many instances it has."""

    def __init__(self, metrics: Metrics, traces: Traces) -> None:
        self._metrics = metrics
        self._traces = traces

    def asking(self, model: str, version: str, channel: str | None) -> Visit | None:
        """Note who answers the request of this thread, and give it."""
        visit = current()
        if visit:
            visit.model, visit.version, visit.channel = model, version, channel or visit.channel
        return visit

    @contextmanager
    def estimator_call(self, model: str, version: str, instances: int, visits: Sequence[Visit]) -> Iterator[None]:
        """Watch one call of an estimator."""
        attributes: Attributes = {
            "scoredesk.model": model,
            "scoredesk.version": version,
            "scoredesk.batch.instances": instances,
            "scoredesk.batch.requests": max(1, len(visits)),
        }
        began = time.perf_counter()
        try:
            with self._traces.part("estimator", visits, attributes):
                yield
        finally:
            self._metrics.called(model, instances, time.perf_counter() - began)

    def record(self, log: PredictionLog, requests: Sequence[Sequence[Prediction]], visits: Sequence[Visit]) -> None:
        """Record the predictions of several requests, and watch that.

        Raises
        ------
        PredictionLogUnavailable
        """
        predictions = list(chain.from_iterable(requests))
        attributes: Attributes = {"scoredesk.predictions": len(predictions)}
        with self._traces.part("record", visits, attributes):
            where = attributes["scoredesk.recorded_in"] = log.record(predictions)
        for one, *more in filter(None, requests):
            # Those of one request are alike.
            self._metrics.recorded(one.model, one.version, one.channel, one.status, where, 1 + len(more))
