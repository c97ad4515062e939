"""The instances that the model predicts, all in one call, to explain one of its answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from webapp.helpers.feature_words import options
from webapp.models.explanation.background import Background
from webapp.types import Feature, Instance, Signature, Value

#: Maximum and minimum number of pairs of paths: one order of the inputs and its reverse.
MAX_PAIRS, MIN_PAIRS = 8, 2
#: Number of instances aimed at for the contributions, and again for the curves; more if there are many inputs.
INSTANCE_BUDGET = 240
MAX_POINTS, MIN_POINTS = 16, 4
MAX_CHOICES = 15


@dataclass(frozen=True, kw_only=True)
class Path:
    """A path from a background case to the explained one: one input after the other gets the explained value."""

    order: tuple[str, ...]
    #: Positions of its instances among all, from the first to the last.
    places: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The values that are tried for one input."""

    feature: Feature
    values: tuple[Value, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Questions:
    """The instances to predict, and what each answer is for; the explained instance comes first."""

    instances: tuple[Instance, ...]
    #: Each path with an even position is followed by its reverse.
    paths: tuple[Path, ...]
    grids: tuple[Grid, ...]


def build_questions(instance: Instance, background: Background, signature: Signature) -> Questions:
    """Make all instances that are needed to explain one."""
    instances: list[Instance] = [instance]
    paths = [_path(order, start, instances) for order, start in _orders(background, signature, instances)]
    tried = tried_values(instance, signature)
    grids = [_grid(feature, tried[feature.name], instance, instances) for feature in signature.shown]
    return Questions(
        instances=tuple(instances), paths=tuple(paths), grids=tuple(grid for grid in grids if len(grid.values) > 1)
    )


def tried_values(instance: Instance, signature: Signature) -> dict[str, tuple[Value, ...]]:
    """Return the values that are tried for each input, in their order, so that a page can name one by its place."""
    points = max(MIN_POINTS, min(MAX_POINTS, INSTANCE_BUDGET // len(signature.features)))
    return {feature.name: _values(feature, instance[feature.name], points) for feature in signature.shown}


def _orders(
    background: Background, signature: Signature, instances: list[Instance]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield orders of the inputs, each followed by its reverse, with the position of its first case."""
    rng = Random(0)  # noqa: S311  # nosec B311  # the same orders each time
    names = [feature.name for feature in signature.features]
    pairs = max(MIN_PAIRS, min(MAX_PAIRS, INSTANCE_BUDGET // (2 * len(names))))
    starts = range(len(instances), len(instances) + len(background.instances))
    instances.extend(background.instances)
    for pair in range(pairs):
        order = tuple(rng.sample(names, len(names)))
        start = starts[pair % len(starts)]
        yield order, start
        yield order[::-1], start


def _path(order: tuple[str, ...], start: int, instances: list[Instance]) -> Path:
    explained, current = instances[0], dict(instances[start])
    places = [start]
    for name in order[:-1]:
        current[name] = explained[name]
        places.append(len(instances))
        instances.append(dict(current))
    return Path(order=order, places=(*places, 0))


def _values(feature: Feature, own: Value, points: int) -> tuple[Value, ...]:
    if not feature.is_number and not feature.has_choices:
        return ()
    return _choices(feature, own) if options(feature) else _numbers(feature, own, points)


def _grid(feature: Feature, values: tuple[Value, ...], instance: Instance, instances: list[Instance]) -> Grid:
    own = instance[feature.name]
    places = []
    for value in values:
        if value == own and type(value) is type(own):
            places.append(0)
        else:
            places.append(len(instances))
            instances.append({**instance, feature.name: value})
    return Grid(feature=feature, values=values, places=tuple(places))


def _choices(feature: Feature, own: Value) -> tuple[Value, ...]:
    first = options(feature)[:MAX_CHOICES]
    if feature.is_number:
        # The values of numbers are floats.
        first = tuple(float(value or 0) for value in first)
    known = any(value == own and type(value) is type(own) for value in first)
    return first if known or own is None else (*first, own)


def _numbers(feature: Feature, own: Value, points: int) -> tuple[Value, ...]:
    """Return round values spread evenly over the range or where values usually lie, with the explained value."""
    if (ends := feature.span) is None:
        return ()
    low, high = ends
    steps = (_rounded(low + (high - low) * step / (points - 1), high - low, feature) for step in range(points))
    # Rounded, the ends may lie outside.
    spread = {min(max(value, low), high) for value in steps}
    if isinstance(own, int | float):
        spread = {value for value in spread if not math.isclose(value, own)} | {float(own)}
    return tuple(sorted(spread))


def _rounded(value: float, width: float, feature: Feature) -> float:
    if feature.kind == "integer" or not width:
        return float(round(value))
    return round(value, 2 - math.floor(math.log10(width)))
