"""Instances on which an estimator and its plan are compared: ordinary ones, and edge cases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random

from webapp.models.signature.example import example_value
from webapp.types import Feature, Instance, Signature, Value

MIN_INSTANCES, MAX_INSTANCES = 512, 2048
#: Maximum number of a feature's split thresholds that occur, each with the next smaller and the next larger number.
MAX_SPLITS = 64


def make_up_instances(
    signature: Signature, splits: Mapping[str, Sequence[float]], *, within_range: bool = False
) -> list[Instance]:
    """Make up instances in which each value that matters occurs.

    Parameters
    ----------
    splits : mapping of str to sequence of float
        The thresholds at which trees split each feature.
    within_range : bool
        Whether to stay within the training range, as far as that is known.
    """
    rng = Random(0)  # noqa: S311  # nosec B311  # the same instances each time
    columns = {
        feature.name: _values(feature, splits.get(feature.name, ()), rng, within_range=within_range)
        for feature in signature.features
    }
    count = min(MAX_INSTANCES, max(MIN_INSTANCES, *map(len, columns.values())))
    # Each column is shuffled separately, so that each value occurs together with many values of the others.
    shuffled = {name: _shuffle_repeatedly(values, count, rng) for name, values in columns.items()}
    return [{name: values[index] for name, values in shuffled.items()} for index in range(count)]


def _shuffle_repeatedly(values: Sequence[Value], count: int, rng: Random) -> list[Value]:
    rounds = math.ceil(count / len(values))
    return [value for _ in range(rounds) for value in rng.sample(values, len(values))][:count]


def _values(feature: Feature, splits: Sequence[float], rng: Random, *, within_range: bool) -> list[Value]:
    values: list[Value] = [None] if feature.optional else []
    if feature.has_choices:
        return [*values, *feature.choices] or [None]
    if not feature.is_number:
        return [*values, example_value(feature)]
    low, high = _span(feature, splits)
    values += [low, high, (low + high) / 2]
    values += [rng.uniform(low, high) for _ in range(20)]
    values += [float(round(rng.uniform(low, high))) for _ in range(10)]
    for split in rng.sample(list(splits), min(MAX_SPLITS, len(splits))):
        values += [split, math.nextafter(split, -math.inf), math.nextafter(split, math.inf)]
    if within_range:
        return [value for value in values if value is None or low <= float(value) <= high]
    width = high - low or 1.0
    return [*values, 0.0, -0.0, 1e-300, low - width, high + width, low - 1e3 * width, high + 1e3 * width]


def _span(feature: Feature, splits: Sequence[float]) -> tuple[float, float]:
    if feature.range:
        return feature.range.low, feature.range.high
    if splits:
        return min(splits), max(splits)
    low, high = feature.span or (-1.0, 1.0)
    # What usually lies within one standard deviation nearly always lies within three.
    return low - (high - low), high + (high - low)
