"""Pairs of values that never met in a sample, though both are common."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from webapp.models.card.fields import Cell, EmptyPair
from webapp.models.sample.distributions import quantiles
from webapp.types import Feature, Instance, Signature

#: A pair must have been expected so often that hardly any of all pairs is empty by chance.
MIN_EXPECTED, CHANCE = 8, 0.05
MAX_KEPT = 200
#: Of many parts, only the largest are looked at.
MAX_PARTS = 600
#: So many rows are counted at a time.
ROWS = 8192

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Part:
    """A part of one feature's values, which rows lie in it, and in which rows the feature is known."""

    place: int
    cell: Cell
    inside: Array
    known: Array


def find_empty_pairs(instances: Sequence[Instance], signature: Signature) -> list[EmptyPair]:
    """Find the pairs of parts that no instance has, the most expected first.

    Numbers are cut at their quartiles, categories at their choices; texts are left out.
    """
    parts = _parts(instances, signature)
    if len(parts) < 2:
        return []
    met, expected = _counts(parts)
    places = np.array([part.place for part in parts])
    pairs = places[:, None] < places[None, :]
    least = max(MIN_EXPECTED, math.log(max(pairs.sum(), 1) / CHANCE))
    found = np.argwhere(pairs & (met == 0) & (expected >= least))
    ranked = sorted(found.tolist(), key=lambda pair: -expected[pair[0], pair[1]])[:MAX_KEPT]
    return [
        EmptyPair(first=parts[i].cell, second=parts[j].cell, expected=round(float(expected[i, j]), 1))
        for i, j in ranked
    ]


def _parts(instances: Sequence[Instance], signature: Signature) -> list[_Part]:
    found = [
        part
        for place, feature in enumerate(signature.features)
        for part in _parts_of(place, feature, [instance[feature.name] for instance in instances])
        # In fewer rows nothing is expected often enough.
        if part.inside.sum() >= MIN_EXPECTED
    ]
    return sorted(found, key=lambda part: -part.inside.sum())[:MAX_PARTS]


def _parts_of(place: int, feature: Feature, values: list[Any]) -> Iterator[_Part]:
    known = np.array([value is not None for value in values])
    if feature.kind in ("category", "boolean"):
        typed = np.empty(len(values), dtype=object)
        typed[:] = [(type(value), value) for value in values]
        for choice in feature.choices:
            inside = np.fromiter((each == (type(choice), choice) for each in typed), dtype=bool)
            yield _Part(place, Cell(feature=feature.name, value=choice), inside, known)
    elif feature.kind != "text":
        numbers = np.array([math.nan if value is None else value for value in values], dtype=float)
        bounds = quantiles(numbers[known], 4)
        for above, to in zip([None, *bounds], [*bounds, None], strict=True) if bounds else ():
            inside = known & (numbers > (-math.inf if above is None else above))
            inside &= numbers <= (math.inf if to is None else to)
            yield _Part(place, Cell(feature=feature.name, above=above, to=to), inside, known)


def _counts(parts: Sequence[_Part]) -> tuple[Array, Array]:
    """Count how often each two parts met, and how often they would have if they were independent."""
    met, alone, both = np.zeros((3, len(parts), len(parts)))
    for begin in range(0, len(parts[0].known), ROWS):
        inside = np.array([part.inside[begin : begin + ROWS] for part in parts], dtype=np.float32)
        known = np.array([part.known[begin : begin + ROWS] for part in parts], dtype=np.float32)
        met += inside @ inside.T
        # A row where one of the two is blank tells nothing of the pair.
        alone += inside @ known.T
        both += known @ known.T
    return met, alone * alone.T / np.maximum(both, 1)
