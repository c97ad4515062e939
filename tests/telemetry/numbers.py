"""Reading what /metrics tells."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def families(text: str) -> list[Metric]:
    """Read Prometheus' text format, which fails on anything that is not of it."""
    return list(text_string_to_metric_families(text))


def samples(text: str, name: str, **labels: str) -> Iterator[Sample]:
    """Give the samples of one name that have at least these labels."""
    for family in families(text):
        for sample in family.samples:
            if sample.name == f"scoredesk_{name}" and labels.items() <= sample.labels.items():
                yield sample


def total(text: str, name: str, **labels: str) -> float:
    """Add up the samples of one name that have at least these labels."""
    return sum(sample.value for sample in samples(text, name, **labels))
