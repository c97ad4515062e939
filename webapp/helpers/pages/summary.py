"""What the page above a list of predictions shows: how many there are of each kind, and on each day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.helpers.records.filters import INPUT, Filter, Parameters

#: So many values of one kind are shown, the most frequent.
SHOWN = 8
TITLES = {"model": "Model", "version": "Version", "class": "Answer", "status": "Ended", "channel": "Through"}
#: What the fields of the form are called.
LABELS = TITLES | {
    "order": "Order",
    "from": "From",
    "to": "Until",
    "input": "Name of an input",
    "value": "Its value",
    "id": "Id of a record",
}
#: A number that is not whole.
FRACTION = re.compile(r"-?\d+(\.0*[1-9]\d*(e[-+]?\d+)?|(\.\d+)?e-\d+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value, how often it occurs, and the address's parameters that ask for it."""

    text: str
    count: int
    #: Its part of the most frequent one.
    share: float
    parameters: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Facet:
    """The most frequent values of one kind."""

    name: str
    title: str
    values: tuple[Value, ...]
    #: How many values are not shown.
    others: int


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day of a chart, in its coordinates."""

    day: date
    count: int
    x: float
    height: float


@dataclass(frozen=True, kw_only=True)
class DayChart:
    """The predictions of each day, the oldest first."""

    bars: tuple[Bar, ...]
    total: int
    most: int


def facets(counts: Mapping[str, Counter[str]], filter: Filter) -> list[Facet]:
    """Give what can still be chosen: the kinds that are not fixed and have more than one value."""
    fixed = dict(filter.conditions)
    found = [_facet(name, counts[name], filter) for name in TITLES]
    return [facet for facet in found if facet.name not in fixed and len(facet.values) > 1]


def measuring(answers: Iterable[tuple[str, str | None]]) -> set[str]:
    """Tell which models give numbers rather than classes, by (model, answer): those of which one is not whole."""
    return {model for model, text in answers if text is not None and FRACTION.fullmatch(text)}


def day_chart(counted: Sequence[tuple[date, int]]) -> DayChart | None:
    """Lay out a chart that is 100 wide and 20 high; None where there is nothing to see."""
    most = max((count for _, count in counted), default=0)
    if not most:
        return None
    width = 100 / len(counted)
    bars = tuple(
        Bar(day=day, count=count, x=round(place * width, 3), height=round(20 * count / most, 3))
        for place, (day, count) in enumerate(counted)
    )
    return DayChart(bars=bars, total=sum(bar.count for bar in bars), most=most)


def given(parameters: Parameters) -> dict[str, str]:
    """Give what a form was or is to be filled in with: the first of each name."""
    return dict(reversed(parameters))


def condition_text(name: str, value: str) -> str:
    """Say one condition in words."""
    if name.startswith(INPUT):
        return f"{name.removeprefix(INPUT)} is {value}"
    return f"{LABELS[name]}: {value}"


def _facet(name: str, counter: Counter[str], filter: Filter) -> Facet:
    most = counter.most_common(SHOWN)
    top = most[0][1] if most else 1
    values = tuple(
        Value(text=text, count=count, share=count / top, parameters=dict(filter.with_one(name, text).parameters))
        for text, count in most
    )
    return Facet(name=name, title=TITLES[name], values=values, others=len(counter) - len(values))
