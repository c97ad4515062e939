"""Instances on which an estimator and its plan are compared: what is ordinary, and what lies on an edge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random

from webapp.types import Feature, Instance, Signature, Value

#: There are so many instances at least, and at most.
FEWEST, MOST = 512, 2048
#: Of each feature's split thresholds so many are tried, with their neighbours.
SPLITS = 64


def trials(signature: Signature, splits: Mapping[str, Sequence[float]], *, tame: bool = False) -> list[Instance]:
    """Make instances in which each value that matters occurs.

    Parameters
    ----------
    splits : mapping of str to sequence of float
        Where trees split a feature.
    tame : bool
        Whether to stay inside of what the estimator met, as far as that is known.
    """
    chance = Random(0)  # noqa: S311  # nosec B311  # the same instances each time
    columns = {
        feature.name: _values(feature, splits.get(feature.name, ()), chance, tame=tame)
        for feature in signature.features
    }
    count = min(MOST, max(FEWEST, *map(len, columns.values())))
    # Each column goes round in an order of its own, so that all its values occur in many companies.
    dealt = {name: _dealt(values, count, chance) for name, values in columns.items()}
    return [{name: values[place] for name, values in dealt.items()} for place in range(count)]


def _dealt(values: Sequence[Value], count: int, chance: Random) -> list[Value]:
    rounds = math.ceil(count / len(values))
    return [value for _ in range(rounds) for value in chance.sample(values, len(values))][:count]


def _values(feature: Feature, splits: Sequence[float], chance: Random, *, tame: bool) -> list[Value]:
    values: list[Value] = [None] if feature.optional else []
    if feature.kind in ("category", "boolean"):
        return [*values, *feature.choices] or [None]
    low, high = _span(feature, splits)
    values += [low, high, (low + high) / 2]
    values += [chance.uniform(low, high) for _ in range(20)]
    values += [float(round(chance.uniform(low, high))) for _ in range(10)]
    for split in chance.sample(list(splits), min(SPLITS, len(splits))):
        values += [split, math.nextafter(split, -math.inf), math.nextafter(split, math.inf)]
    if tame:
        return [value for value in values if value is None or low <= float(value) <= high]
    width = high - low or 1.0
    return [*values, 0.0, -0.0, 1e-300, low - width, high + width, low - 1e3 * width, high + 1e3 * width]


def _span(feature: Feature, splits: Sequence[float]) -> tuple[float, float]:
    if feature.range:
        return feature.range.low, feature.range.high
    return (min(splits), max(splits)) if splits else (-3.0, 3.0)
