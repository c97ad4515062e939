"""The numbers that Prometheus reads.

Under gunicorn each worker counts in files of a folder that all share, so that any of them can tell the sums;
gunicorn.conf.py makes the folder. Elsewhere a process counts for itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from webapp.services.telemetry.observed_request import ObservedRequest

#: From a lone request for a linear model to the longest that REQUEST_TIMEOUT lets one wait.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LOADING_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
INSTANCES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)

# Name, words and labels of each.
REQUESTS = (
    "scoredesk_requests_total",
    "Requests that were answered.",
    ("route", "model", "version", "channel", "status"),
)
DURATIONS = (
    "scoredesk_request_duration_seconds",
    "From when a request was read to when its answer was ready to be sent.",
    ("route", "model"),
)
CALLS = (
    "scoredesk_estimator_call_duration_seconds",
    "What one call of an estimator took, for all requests that were answered together.",
    ("model",),
)
BATCHES = ("scoredesk_batch_instances", "The instances of one call of an estimator.", ("model",))
WAITING = ("scoredesk_waiting_instances", "Instances that stand in line for a model, in all workers.", ("model",))
PREDICTIONS = (
    "scoredesk_predictions_total",
    "Predictions that were recorded.",
    ("model", "version", "channel", "status", "recorded_in"),
)
IN_DATABASE = (
    "scoredesk_recording_in_database",
    "1 while all workers record in PostgreSQL, 0 while one of them leaves it alone because it failed.",
)
LOADS = ("scoredesk_model_load_duration_seconds", "What loading one version took, by what came of it.", ("result",))

M = TypeVar("M", Counter, Gauge, Histogram)


class Children(dict[tuple[str, ...], M], Generic[M]):
    """The children of one metric by their labels; each is looked up in the metric itself only once."""

    def __init__(self, metric: M) -> None:
        super().__init__()
        self._metric: M = metric

    def __missing__(self, labels: tuple[str, ...]) -> M:
        child: M = self._metric.labels(*labels)
        self[labels] = child
        return child


class Metrics:
    """Counts what happens in this process.

    A label is a word of the service's own or the name of a model that it serves, never what somebody sent.
    """

    def __init__(self) -> None:
        # A time at which each series began would double what is told, and is not told by several processes.
        disable_created_metrics()
        self.registry = registry = CollectorRegistry()
        self._requests = Children(Counter(*REQUESTS, registry=registry))
        self._durations = Children(Histogram(*DURATIONS, registry=registry, buckets=SECONDS))
        self._calls = Children(Histogram(*CALLS, registry=registry, buckets=SECONDS))
        self._batches = Children(Histogram(*BATCHES, registry=registry, buckets=INSTANCES))
        self._waiting = Children(Gauge(*WAITING, registry=registry, multiprocess_mode="livesum"))
        self._predictions = Children(Counter(*PREDICTIONS, registry=registry))
        self._in_database = Gauge(*IN_DATABASE, registry=registry, multiprocess_mode="livemin")
        self._in_database.set(1)
        self._loads = Children(Histogram(*LOADS, registry=registry, buckets=LOADING_SECONDS))

    def answered(self, visit: ObservedRequest, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests[visit.route, visit.model, visit.version, visit.channel, str(status)].inc()
        self._durations[visit.route, visit.model].observe(seconds)

    def called(self, model: str, instances: int, seconds: float) -> None:
        """Count one call of an estimator."""
        labels = (model,)
        self._batches[labels].observe(instances)
        self._calls[labels].observe(seconds)

    def recorded(self, model: str, version: str, channel: str, status: str, where: str, count: int) -> None:
        """Count predictions that are on record now."""
        self._predictions[model, version, channel, status, where].inc(count)

    def waiting(self, model: str) -> Callable[[float], None]:
        """Give what is called with so many instances more, or less, that stand in line."""
        return self._waiting[(model,)].inc

    def loaded(self, result: str, seconds: float) -> None:
        """Count a version that was loaded, or could not be."""
        self._loads[(result,)].observe(seconds)

    def turned(self, in_database: bool) -> None:
        """Note where this process records from now on."""
        self._in_database.set(in_database)
