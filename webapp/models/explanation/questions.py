"""The instances that a model is asked about to explain one of its answers, all in one call."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from webapp.models.explanation.background import Background
from webapp.types import Feature, Instance, Signature, Value

#: Each pair goes from a case of the background to the person's in one order, and in the reverse of it.
PAIRS, FEWEST_PAIRS = 8, 2
#: So many instances are asked for the contributions, and for the curves, where the inputs are not too many.
BUDGET = 240
POINTS, FEWEST_POINTS = 16, 4
MAX_CHOICES = 15


@dataclass(frozen=True, kw_only=True)
class Path:
    """A way from a case of the background to the person's: one input after the other takes its value."""

    order: tuple[str, ...]
    #: Where its instances stand among all, from the first to the last.
    places: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The values that one input is tried with."""

    feature: Feature
    values: tuple[Value, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What to ask, and what each answer is for; the person's own instance comes first."""

    instances: tuple[Instance, ...]
    #: Two and two belong together.
    paths: tuple[Path, ...]
    grids: tuple[Grid, ...]


def ask_about(instance: Instance, background: Background, signature: Signature) -> Questions:
    """Make all instances that explaining one of them takes."""
    asked: list[Instance] = [instance]
    paths = [_path(order, start, asked) for order, start in _orders(background, signature, asked)]
    count = len(signature.features)
    points = max(FEWEST_POINTS, min(POINTS, BUDGET // count))
    grids = [_grid(feature, instance, points, asked) for feature in signature.shown if feature.kind != "text"]
    return Questions(
        instances=tuple(asked), paths=tuple(paths), grids=tuple(grid for grid in grids if len(grid.values) > 1)
    )


def _orders(
    background: Background, signature: Signature, asked: list[Instance]
) -> Iterator[tuple[tuple[str, ...], int]]:
    """Give orders of the inputs, each followed by its reverse, and where the case stands that they begin with."""
    chance = Random(0)  # noqa: S311  # nosec B311  # the same orders each time
    names = [feature.name for feature in signature.features]
    pairs = max(FEWEST_PAIRS, min(PAIRS, BUDGET // (2 * len(names))))
    starts = range(len(asked), len(asked) + len(background.instances))
    asked.extend(background.instances)
    for pair in range(pairs):
        order = tuple(chance.sample(names, len(names)))
        start = starts[pair % len(starts)]
        yield order, start
        yield order[::-1], start


def _path(order: tuple[str, ...], start: int, asked: list[Instance]) -> Path:
    own, current = asked[0], dict(asked[start])
    places = [start]
    for name in order[:-1]:
        current[name] = own[name]
        places.append(len(asked))
        asked.append(dict(current))
    return Path(order=order, places=(*places, 0))


def _grid(feature: Feature, instance: Instance, points: int, asked: list[Instance]) -> Grid:
    own = instance[feature.name]
    values = _choices(feature, own) if feature.kind in ("category", "boolean") else _numbers(feature, own, points)
    places = []
    for value in values:
        if value == own and type(value) is type(own):
            places.append(0)
        else:
            places.append(len(asked))
            asked.append({**instance, feature.name: value})
    return Grid(feature=feature, values=values, places=tuple(places))


def _choices(feature: Feature, own: Value) -> tuple[Value, ...]:
    first = feature.choices[:MAX_CHOICES]
    known = any(value == own and type(value) is type(own) for value in first)
    return first if known or own is None else (*first, own)


def _numbers(feature: Feature, own: Value, points: int) -> tuple[Value, ...]:
    """Spread values evenly over what was met in training, with few digits, and put the person's own among them."""
    if (ends := feature.span) is None:
        return ()
    low, high = ends
    spread = {_rounded(low + (high - low) * step / (points - 1), high - low, feature) for step in range(points)}
    if isinstance(own, int | float):
        spread = {value for value in spread if not math.isclose(value, own)} | {float(own)}
    return tuple(sorted(spread))


def _rounded(value: float, width: float, feature: Feature) -> float:
    if feature.kind == "integer" or not width:
        return float(round(value))
    return round(value, 2 - math.floor(math.log10(width)))
