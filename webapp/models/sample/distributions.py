"""The distributions of a sample's values, with which later inputs are compared; they contain no row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from webapp.models.card.fields import CategoryReference, NumberReference
from webapp.types import Feature, Instance, Signature

MAX_BINS = 10
#: How many rows a bin holds at least, so that its bounds reveal no single row.
MIN_ROWS_PER_BIN = 10
#: Whole numbers are choices if they have few values, and as many rows for each of these on average.
MAX_VALUES, MIN_ROWS_PER_VALUE = 5, 20


def references(
    instances: Sequence[Instance], signature: Signature, redact: Collection[str] = ()
) -> dict[str, NumberReference | CategoryReference]:
    """Return the reference distribution of each feature except texts and dates, without values of what is redacted."""
    return {
        feature.name: _reference(
            feature,
            [instance[feature.name] for instance in instances],
            may_show=feature.kept == "value" and feature.name not in redact,
        )
        for feature in signature.features
        if feature.is_number or feature.has_choices
    }


def _reference(feature: Feature, values: list[Any], *, may_show: bool) -> NumberReference | CategoryReference:
    present = [value for value in values if value is not None]
    missing = 1 - len(present) / len(values)
    if feature.is_number:
        numbers = np.asarray(present, dtype=float)
        bounds = quantiles(numbers, MAX_BINS)
        shown = _shown_values(numbers) if may_show and len(numbers) else {}
        return NumberReference(bounds=bounds, shares=_shares(numbers, bounds), missing=missing, **shown)
    typed = [(type(value), value) for value in present]
    shares = [typed.count((type(choice), choice)) / max(len(present), 1) for choice in feature.choices]
    return CategoryReference(shares=shares, missing=missing)


def _shown_values(numbers: np.ndarray[Any, Any]) -> dict[str, Any]:
    values = np.unique(numbers)
    are_few = len(values) <= min(MAX_VALUES, len(numbers) // MIN_ROWS_PER_VALUE) and not (values % 1).any()
    # One value alone leaves nothing to choose.
    few = [int(value) for value in values] if are_few and len(values) > 1 else []
    return {"low": float(values[0]), "high": float(values[-1]), "values": few}


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
