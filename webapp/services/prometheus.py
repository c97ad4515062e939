"""The metrics as Prometheus reads them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from webapp.errors import SpoolUnavailable
from webapp.services.model_store import ModelStore
from webapp.services.spool import Spool
from webapp.services.telemetry.metrics import AGES, Metrics


class Scrape(Collector):
    """Gathers the counts of all processes, and the current state of the models and the spool."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self, metrics: Metrics, store: ModelStore, spool: Spool) -> None:
        self._metrics = metrics
        self._store = store
        self._spool = spool

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        gathered = CollectorRegistry()
        # Reading the state may load models, which is counted, so it comes first.
        gathered.register(self)
        gathered.register(_Counts(self._metrics))
        return generate_latest(gathered)

    def ages(self) -> dict[str, float]:
        """Return, for each background part, the seconds since the slowest worker completed its last round."""
        counts = _Counts(self._metrics, "gauge_livemin_*.db").collect()
        samples = [sample for metric in counts if metric.name == AGES[0] for sample in metric.samples]
        return {sample.labels["part"]: sample.value for sample in samples}

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the models and the spool, as they are now."""
        yield from self._model_metrics()
        with suppress(SpoolUnavailable):
            yield from self._spool_metrics()

    def _model_metrics(self) -> Iterator[Metric]:
        served = self._store.served()
        models = GaugeMetricFamily("scoredesk_models", "Models by whether they are served.", labels=["state"])
        models.add_metric(["served"], len(served))
        models.add_metric(["unserved"], len(self._store.unserved()))
        yield models
        champions = GaugeMetricFamily(
            "scoredesk_champion_info", "1 for the version that answers for a model.", labels=["model", "version"]
        )
        for model in served:
            champions.add_metric([model.name, model.version], 1)
        yield champions

    def _spool_metrics(self) -> Iterator[Metric]:
        status = self._spool.status()
        # The clock may have been set back since.
        age = max(0.0, (datetime.now(UTC) - status.oldest).total_seconds()) if status.oldest else 0.0
        yield GaugeMetricFamily("scoredesk_spool_rows", "Records that wait on this machine's disk.", status.rows)
        yield GaugeMetricFamily("scoredesk_spool_oldest_age_seconds", "Seconds that the oldest record has waited.", age)
        yield GaugeMetricFamily(
            "scoredesk_spool_set_aside_rows", "Lines of the spool that have to be checked by hand.", status.set_aside
        )


class _Counts(Collector):
    """What all processes counted, and what their background parts completed."""

    def __init__(self, metrics: Metrics, files: str = "*.db") -> None:
        self._metrics = metrics
        self._files = files

    def collect(self) -> Iterator[Metric]:
        for metric in self._of_all_processes():
            if metric.name == AGES[0]:
                now = time.monotonic()
                metric.samples = [sample._replace(value=max(0.0, now - sample.value)) for sample in metric.samples]
            yield metric

    def _of_all_processes(self) -> Iterable[Metric]:
        if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            merged: Iterable[Metric] = MultiProcessCollector.merge(map(str, Path(folder).glob(self._files)))
            return merged
        return self._metrics.registry.collect()
