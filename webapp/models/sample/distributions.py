"""The distributions of a sample's values, with which later inputs are compared; they contain no row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.models.card.fields import CategoryReference, NumberReference
from webapp.types import Feature, Instance, Signature

MAX_BINS = 10
#: How many rows a bin holds at least, so that its bounds reveal no single row.
MIN_ROWS_PER_BIN = 10


def references(instances: Sequence[Instance], signature: Signature) -> dict[str, NumberReference | CategoryReference]:
    """Return the reference distribution of each feature except texts and dates."""
    return {
        feature.name: _reference(feature, [instance[feature.name] for instance in instances])
        for feature in signature.features
        if feature.is_number or feature.has_choices
    }


def _reference(feature: Feature, values: list[Any]) -> NumberReference | CategoryReference:
    present = [value for value in values if value is not None]
    missing = 1 - len(present) / len(values)
    if feature.is_number:
        numbers = np.asarray(present, dtype=float)
        bounds = quantiles(numbers, MAX_BINS)
        return NumberReference(bounds=bounds, shares=_shares(numbers, bounds), missing=missing)
    typed = [(type(value), value) for value in present]
    shares = [typed.count((type(choice), choice)) / max(len(present), 1) for choice in feature.choices]
    return CategoryReference(shares=shares, missing=missing)


def quantiles(numbers: np.ndarray[Any, Any], max_bins: int) -> list[float]:
    """Divide numbers into at most ``max_bins`` bins of equal size, and return the bounds between them."""
    bins = min(max_bins, len(numbers) // MIN_ROWS_PER_BIN)
    if bins < 2:
        return []
    cuts = np.quantile(numbers, np.arange(1, bins) / bins)
    # Six digits are enough for comparisons, and are not the exact value of any row.
    rounded = sorted({float(f"{cut:.6g}") for cut in cuts})
    return [bound for bound in rounded if bound < numbers.max()]


def _shares(numbers: np.ndarray[Any, Any], bounds: list[float]) -> list[float]:
    if not len(numbers):
        return []
    counts = np.bincount(np.searchsorted(bounds, numbers, side="left"), minlength=len(bounds) + 1)
    return [float(count) / len(numbers) for count in counts]
