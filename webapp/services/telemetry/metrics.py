"""The numbers that Prometheus reads.

Under gunicorn the workers count in files of one shared folder, so that each of them can report the sums;
gunicorn.conf.py makes the folder. Otherwise a process counts for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from webapp.services.telemetry.observed_request import ObservedRequest

#: Buckets, from a single request for a linear model to the default of REQUEST_TIMEOUT.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
LOADING_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
INSTANCES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)

# Name, description and labels of each metric.
REQUESTS = (
    "scoredesk_requests_total",
    "Requests that were answered.",
    ("route", "model", "version", "channel", "status"),
)
DURATIONS = (
    "scoredesk_request_duration_seconds",
    "The time from when a request was read to when its answer was ready to be sent.",
    ("route", "model"),
)
CALLS = (
    "scoredesk_estimator_call_duration_seconds",
    "The time that one call of an estimator took, for all requests that were answered together.",
    ("model",),
)
BATCHES = ("scoredesk_batch_instances", "The instances of one call of an estimator.", ("model",))
WAITING = ("scoredesk_waiting_instances", "Instances that wait for a model, in all workers.", ("model",))
PREDICTIONS = (
    "scoredesk_predictions_total",
    "Predictions that were recorded.",
    ("model", "version", "channel", "status", "recorded_in"),
)
IN_DATABASE = (
    "scoredesk_recording_in_database",
    "1 while all workers record in PostgreSQL, 0 while one of them uses the spool because PostgreSQL failed.",
)
AGES = (
    "scoredesk_background_age_seconds",
    "Seconds since the slowest worker completed its last round of a background part.",
    ("part",),
)
LOADS = ("scoredesk_model_load_duration_seconds", "The time that loading one version took, by its result.", ("result",))

M = TypeVar("M", Counter, Gauge, Histogram)


class Children(dict[tuple[str, ...], M], Generic[M]):
    """Caches the children of one metric by their labels, because looking them up in the metric is slow."""

    def __init__(self, metric: M) -> None:
        super().__init__()
        self._metric: M = metric

    def __missing__(self, labels: tuple[str, ...]) -> M:
        child: M = self._metric.labels(*labels)
        self[labels] = child
        return child


class Metrics:
    """Counts what happens in this process.

    A label is one of the service's own words or the name of a served model, never a value that a client sent.
    """

    def __init__(self) -> None:
        # The creation time of each series would double the output, and does not work with several processes.
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
        self._rounds = Children(Gauge(*AGES, registry=registry, multiprocess_mode="livemin"))
        self._loads = Children(Histogram(*LOADS, registry=registry, buckets=LOADING_SECONDS))

    def answered(self, request: ObservedRequest, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests[request.route, request.model, request.version, request.channel, str(status)].inc()
        self._durations[request.route, request.model].observe(seconds)

    def called(self, model: str, instances: int, seconds: float) -> None:
        """Count one call of an estimator."""
        labels = (model,)
        self._batches[labels].observe(instances)
        self._calls[labels].observe(seconds)

    def recorded(self, model: str, version: str, channel: str, status: str, where: str, count: int) -> None:
        """Count predictions that were recorded."""
        self._predictions[model, version, channel, status, where].inc(count)

    def waiting(self, model: str) -> Callable[[float], None]:
        """Return a function that is called with the change of the number of waiting instances."""
        return self._waiting[(model,)].inc

    def loaded(self, result: str, seconds: float) -> None:
        """Count a version that was loaded or could not be loaded."""
        self._loads[(result,)].observe(seconds)

    def set_in_database(self, in_database: bool) -> None:
        """Set whether this process records in PostgreSQL from now on."""
        self._in_database.set(in_database)

    def completed(self, part: str) -> None:
        """Note when a background part completed a round, by a clock that nobody sets; ``Scrape`` makes it an age."""
        self._rounds[(part,)].set(time.monotonic())
