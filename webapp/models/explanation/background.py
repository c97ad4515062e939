"""The cases that a case is compared with: generated from the distributions on the card, or one typical case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from webapp.models.card import Card
from webapp.models.card.fields import CategoryReference, NumberReference
from webapp.models.signature.example import example, example_value
from webapp.types import Feature, Instance, Signature, Value

#: Number of cases that are generated from the distributions on the card.
SIZE = 8


@dataclass(frozen=True)
class Background:
    """Cases to compare with."""

    instances: tuple[Instance, ...]
    #: Whether there is only one typical case, because there is no sample.
    typical: bool


def background_of(signature: Signature, card: Card | None) -> Background:
    """Generate cases with the distribution of the sample, each input independently; without a sample, one typical case.

    The card stores no rows, so no generated case is a real one.
    """
    inputs = card.signature.inputs if card and card.signature else []
    references = {each.name: each.reference for each in inputs if each.reference}
    needed = [feature.name for feature in signature.features if feature.is_number or feature.has_choices]
    if not needed or not all(name in references for name in needed):
        return Background((example(signature),), typical=True)
    rng = Random(0)  # noqa: S311  # nosec B311  # the same cases each time
    columns = {feature.name: _spread(feature, references.get(feature.name), rng) for feature in signature.features}
    return Background(tuple({name: values[i] for name, values in columns.items()} for i in range(SIZE)), typical=False)


def _spread(feature: Feature, reference: NumberReference | CategoryReference | None, rng: Random) -> Sequence[Value]:
    """Return evenly spaced quantiles of a distribution, in random order."""
    if reference is None:
        return [example_value(feature) if feature.is_date else ""] * SIZE
    levels = [(rank + 0.5) / SIZE for rank in rng.sample(range(SIZE), SIZE)]
    if feature.optional and reference.missing:
        # The lowest levels become blanks, in the share that the sample had.
        present = 1 - reference.missing
        return [
            None if level < reference.missing else _quantile(feature, reference, 1 - (1 - level) / present)
            for level in levels
        ]
    return [_quantile(feature, reference, level) for level in levels]


def _quantile(feature: Feature, reference: NumberReference | CategoryReference, level: float) -> Value:
    if isinstance(reference, CategoryReference):
        chosen = int(np.searchsorted(np.cumsum(reference.shares), level))
        return feature.choices[min(chosen, len(feature.choices) - 1)] if feature.choices else None
    bounds, shares = _closed_bins(feature, reference)
    value = float(np.interp(level, [0.0, *np.cumsum(shares)], bounds))
    return float(round(value)) if feature.kind == "integer" else value


def _closed_bins(feature: Feature, reference: NumberReference) -> tuple[list[float], list[float]]:
    """Return all bounds of the bins, with outer bounds from the training range or else estimated, and the shares."""
    inner = reference.bounds
    span = (feature.range.low, feature.range.high) if feature.range else None
    if not inner:
        low, high = span or (0.0, 0.0)
        return [low, high], reference.shares or [1.0]
    gap = (inner[-1] - inner[0]) / max(len(inner) - 1, 1)
    low, high = span or (inner[0] - gap, inner[-1] + gap)
    return [min(low, inner[0]), *inner, max(high, inner[-1])], reference.shares
