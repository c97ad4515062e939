"""How the values of a sample are spread: what later inputs are compared with, and never a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.models.card.fields import CategoryReference, NumberReference
from webapp.types import Feature, Instance, Signature

MAX_BINS = 10
#: A bin holds so many rows at least, so that its bounds tell of none of them.
MIN_ROWS = 10


def references(instances: Sequence[Instance], signature: Signature) -> dict[str, NumberReference | CategoryReference]:
    """Give the reference distribution of each feature but texts."""
    return {
        feature.name: _reference(feature, [instance[feature.name] for instance in instances])
        for feature in signature.features
        if feature.kind != "text"
    }


def _reference(feature: Feature, values: list[Any]) -> NumberReference | CategoryReference:
    present = [value for value in values if value is not None]
    missing = 1 - len(present) / len(values)
    if feature.kind in ("number", "integer"):
        numbers = np.asarray(present, dtype=float)
        bounds = quantiles(numbers, MAX_BINS)
        return NumberReference(bounds=bounds, shares=_shares(numbers, bounds), missing=missing)
    typed = [(type(value), value) for value in present]
    shares = [typed.count((type(choice), choice)) / max(len(present), 1) for choice in feature.choices]
    return CategoryReference(shares=shares, missing=missing)


def quantiles(numbers: np.ndarray[Any, Any], most: int) -> list[float]:
    """Cut numbers into at most so many bins of equal parts, and give the bounds between them."""
    bins = min(most, len(numbers) // MIN_ROWS)
    if bins < 2:
        return []
    cuts = np.quantile(numbers, np.arange(1, bins) / bins)
    # Six digits are enough to compare with, and are nobody's own.
    rounded = sorted({float(f"{each:.6g}") for each in cuts})
    return [bound for bound in rounded if bound < numbers.max()]


def _shares(numbers: np.ndarray[Any, Any], bounds: list[float]) -> list[float]:
    if not len(numbers):
        return []
    counts = np.bincount(np.searchsorted(bounds, numbers, side="left"), minlength=len(bounds) + 1)
    return [float(count) / len(numbers) for count in counts]
