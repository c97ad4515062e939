"""A few of the trees' thresholds, on which the service compares a plan with its estimator."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from webapp.cell.signature import read_splits
from webapp.models.compiled.made_up_instances import MAX_SPLITS


def sample_splits(estimator: Any, names: Sequence[str] | None = None) -> dict[str, list[float]]:
    """Return thresholds of each feature: the outermost, and as many others as made-up instances use."""
    rng = Random(0)  # noqa: S311  # nosec B311  # the same thresholds each time
    return {name: _sampled(splits, rng) for name, splits in read_splits(estimator, names).items()}


def _sampled(splits: list[float], rng: Random) -> list[float]:
    if len(splits) <= MAX_SPLITS:
        return splits
    # Where a feature's range is unknown, instances are made up between the outermost thresholds.
    return [min(splits), max(splits), *rng.sample(splits, MAX_SPLITS - 2)]
