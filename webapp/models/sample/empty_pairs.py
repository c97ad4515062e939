"""Pairs of values that never occur together in a sample, though both are common."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from webapp.models.card.fields import Cell, EmptyPair
from webapp.models.sample.distributions import quantiles
from webapp.types import Feature, Instance, Signature

#: How often a pair must be expected, and the chance that any pair of the sample is empty by accident.
MIN_EXPECTED, CHANCE = 8, 0.05
#: How many pairs a card keeps.
MAX_KEPT = 200
#: How many parts are compared; of more, only the largest.
MAX_PARTS = 600
#: How many rows are counted at a time.
ROWS_PER_BLOCK = 8192

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class _Part:
    """A part of one feature's values, with the rows inside it and the rows where the feature is known."""

    place: int
    cell: Cell
    inside: Array
    known: Array


def find_empty_pairs(instances: Sequence[Instance], signature: Signature) -> list[EmptyPair]:
    """Find the pairs of parts that no instance has, those that were expected most often first.

    Numbers are divided at their quartiles, categories into their choices; texts are left out.
    """
    parts = _parts(instances, signature)
    if len(parts) < 2:
        return []
    observed, expected = _counts(parts)
    places = np.array([part.place for part in parts])
    pairs = places[:, None] < places[None, :]
    least = max(MIN_EXPECTED, math.log(max(pairs.sum(), 1) / CHANCE))
    empty = np.argwhere(pairs & (observed == 0) & (expected >= least))
    ranked = sorted(empty.tolist(), key=lambda pair: -expected[pair[0], pair[1]])[:MAX_KEPT]
    return [
        EmptyPair(first=parts[i].cell, second=parts[j].cell, expected=round(float(expected[i, j]), 1))
        for i, j in ranked
    ]


def _parts(instances: Sequence[Instance], signature: Signature) -> list[_Part]:
    parts = [
        part
        for place, feature in enumerate(signature.features)
        for part in _parts_of(place, feature, [instance[feature.name] for instance in instances])
        # With fewer rows, no pair is expected often enough.
        if part.inside.sum() >= MIN_EXPECTED
    ]
    return sorted(parts, key=lambda part: -part.inside.sum())[:MAX_PARTS]


def _parts_of(place: int, feature: Feature, values: list[Any]) -> Iterator[_Part]:
    known = np.array([value is not None for value in values])
    if feature.has_choices:
        typed = np.empty(len(values), dtype=object)
        typed[:] = [(type(value), value) for value in values]
        for choice in feature.choices:
            inside = np.fromiter((each == (type(choice), choice) for each in typed), dtype=bool)
            yield _Part(place, Cell(feature=feature.name, value=choice), inside, known)
    elif feature.is_number:
        numbers = np.array([math.nan if value is None else value for value in values], dtype=float)
        bounds = quantiles(numbers[known], 4)
        for above, to in zip([None, *bounds], [*bounds, None], strict=True) if bounds else ():
            inside = known & (numbers > (-math.inf if above is None else above))
            inside &= numbers <= (math.inf if to is None else to)
            yield _Part(place, Cell(feature=feature.name, above=above, to=to), inside, known)


def _counts(parts: Sequence[_Part]) -> tuple[Array, Array]:
    """Count how often two parts occur together, and how often they would if they were independent."""
    observed, alone, both = np.zeros((3, len(parts), len(parts)))
    for begin in range(0, len(parts[0].known), ROWS_PER_BLOCK):
        inside = np.array([part.inside[begin : begin + ROWS_PER_BLOCK] for part in parts], dtype=np.float32)
        known = np.array([part.known[begin : begin + ROWS_PER_BLOCK] for part in parts], dtype=np.float32)
        observed += inside @ inside.T
        # A row where one of the two is blank says nothing about the pair.
        alone += inside @ known.T
        both += known @ known.T
    return observed, alone * alone.T / np.maximum(both, 1)
