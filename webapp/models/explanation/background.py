"""What a case is compared with: the sample as the card remembers it, or one typical case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from webapp.models.card import Card
from webapp.models.card.fields import CategoryReference, NumberReference
from webapp.models.signature.example import example
from webapp.types import Feature, Instance, Signature, Value

#: So many cases are made up from the spreads on the card.
SIZE = 8


@dataclass(frozen=True)
class Background:
    """Cases to compare with."""

    instances: tuple[Instance, ...]
    #: Whether it is one typical case, because there is no sample.
    typical: bool


def background_of(signature: Signature, card: Card | None) -> Background:
    """Make cases spread as the sample was, each input for itself; without a sample, one typical case.

    The card keeps no rows, so these cases are nobody's.
    """
    kept = card.signature.inputs if card and card.signature else []
    references = {each.name: each.reference for each in kept if each.reference}
    needed = [feature.name for feature in signature.features if feature.kind != "text"]
    if not needed or not all(name in references for name in needed):
        return Background((example(signature),), typical=True)
    chance = Random(0)  # noqa: S311  # nosec B311  # the same cases each time
    columns = {feature.name: _spread(feature, references.get(feature.name), chance) for feature in signature.features}
    return Background(tuple({name: values[i] for name, values in columns.items()} for i in range(SIZE)), typical=False)


def _spread(feature: Feature, reference: NumberReference | CategoryReference | None, chance: Random) -> Sequence[Value]:
    """Give values at even distances through a distribution, in an order left to chance."""
    if reference is None:
        return [""] * SIZE
    places = [(each + 0.5) / SIZE for each in chance.sample(range(SIZE), SIZE)]
    if feature.optional and reference.missing:
        # The lowest places stand for blanks, as many as there were.
        met = 1 - reference.missing
        return [None if at < reference.missing else _at(feature, reference, 1 - (1 - at) / met) for at in places]
    return [_at(feature, reference, at) for at in places]


def _at(feature: Feature, reference: NumberReference | CategoryReference, place: float) -> Value:
    if isinstance(reference, CategoryReference):
        chosen = int(np.searchsorted(np.cumsum(reference.shares), place))
        return feature.choices[min(chosen, len(feature.choices) - 1)] if feature.choices else None
    bounds, shares = _closed(feature, reference)
    value = float(np.interp(place, [0.0, *np.cumsum(shares)], bounds))
    return float(round(value)) if feature.kind == "integer" else value


def _closed(feature: Feature, reference: NumberReference) -> tuple[list[float], list[float]]:
    """Give the bins with their outer ends, as far as anything tells where these are."""
    inner = reference.bounds
    span = (feature.range.low, feature.range.high) if feature.range else None
    if not inner:
        low, high = span or (0.0, 0.0)
        return [low, high], reference.shares or [1.0]
    gap = (inner[-1] - inner[0]) / max(len(inner) - 1, 1)
    low, high = span or (inner[0] - gap, inner[-1] + gap)
    return [min(low, inner[0]), *inner, max(high, inner[-1])], reference.shares
