"""The summary above a list of predictions: counts by value and by day, and what the list leaves out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.helpers.formatting import number
from webapp.helpers.records.filter_values import EVERY_STATUS, number_range
from webapp.helpers.records.filters import INPUT_PREFIX, Filter, Parameters
from webapp.types import Status

#: Maximum number of values that a facet shows, the most frequent ones.
MAX_FACET_VALUES = 8
TITLES = {
    "model": "Model",
    "version": "Version",
    "class": "Answer",
    "status": "Status",
    "actor": "Who",
    "channel": "Source",
}
STATUSES = {"answered": "answered", "failed": "model error", "rejected": "invalid input"}
CHANNELS = {"form": "web form", "json": "JSON", "v2": "Open Inference", "v1": "KServe", "mlflow": "MLflow"}
WORDS = {"status": {**STATUSES, EVERY_STATUS: "all"}, "channel": CHANNELS}
#: What the filter offers instead of what the list shows anyway.
UNUSUAL_STATUSES = {name: text for name, text in WORDS["status"].items() if name != Status.ANSWERED}
#: What one record is called, and several, that is not answered.
UNANSWERED = {Status.REJECTED: ("invalid request", "invalid requests"), Status.FAILED: ("model error", "model errors")}
#: Labels of the fields of the filter.
LABELS = TITLES | {
    "order": "Order",
    "from": "From",
    "to": "Until",
    "input": "Name of an input",
    "value": "Value of that input",
    "id": "Case",
}
#: Conditions that need no value in words.
ALONE = {"mine": "Mine only", "warnings": "With warnings"}
#: A number with a fractional part.
FRACTION = re.compile(r"-?\d+(\.0*[1-9]\d*(e[-+]?\d+)?|(\.\d+)?e-\d+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value, its count, and the parameters of the address that filters by it."""

    text: str
    count: int
    #: Its count as a share of the most frequent value's.
    share: float
    parameters: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Facet:
    """The most frequent values of one property."""

    name: str
    title: str
    values: tuple[Value, ...]
    #: Number of values that are not shown.
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
    """Return the properties that can still be filtered by: not filtered yet, with more than one value."""
    fixed = dict(filter.conditions)
    candidates = [_facet(name, counts[name], filter) for name in TITLES]
    return [facet for facet in candidates if facet.name not in fixed and len(facet.values) > 1]


def models_with_numbers(answers: Iterable[tuple[str, str | None]]) -> set[str]:
    """Return the models that predict numbers, not classes: those with a fraction among the (model, answer) pairs."""
    return {model for model, text in answers if text is not None and FRACTION.fullmatch(text)}


def day_chart(counted: Sequence[tuple[date, int]]) -> DayChart | None:
    """Build a chart that is 100 wide and 20 high; None if there are no predictions."""
    most = max((count for _, count in counted), default=0)
    if not most:
        return None
    width = 100 / len(counted)
    bars = tuple(
        Bar(day=day, count=count, x=round(place * width, 3), height=round(20 * count / most, 3))
        for place, (day, count) in enumerate(counted)
    )
    return DayChart(bars=bars, total=sum(bar.count for bar in bars), most=most)


def first_values(parameters: Parameters) -> dict[str, str]:
    """Return the first value of each parameter, to fill in the form."""
    return dict(reversed(parameters))


def condition_text(name: str, value: str, labels: Mapping[str, str] | None = None) -> str:
    """Write one condition of a filter in words, with the labels of the inputs as far as they are known."""
    if not name.startswith(INPUT_PREFIX):
        return ALONE.get(name) or f"{LABELS[name]}: {value_text(name, value)}"
    input = name.removeprefix(INPUT_PREFIX)
    label = (labels or {}).get(input, input)
    if value == "null":
        return f"{label} is blank"
    return f"{label} {value}" if value.startswith(("<", ">")) and number_range(value) else f"{label} is {value}"


def unanswered_words(counts: Mapping[str, int] | None, most: int) -> str:
    """Return a sentence about the records that the list leaves out; empty if it leaves out none.

    Parameters
    ----------
    counts : mapping or None
        How many there are of each status; None if that is not known.
    most : int
        Counting ended there.
    """
    if counts is None:
        return "Invalid requests and model errors are not shown."
    parts = [
        f"{'at least ' if counts[status] >= most else ''}{number(counts[status])} {words[counts[status] > 1]}"
        for status, words in UNANSWERED.items()
        if counts.get(status)
    ]
    if not parts:
        return ""
    text = " and ".join(parts)
    return f"{text[0].upper()}{text[1:]} {'is' if sum(counts.values()) == 1 else 'are'} not shown."


def value_text(name: str, value: str) -> str:
    """Write a value of a property for people."""
    return WORDS.get(name, {}).get(value, value)


def _facet(name: str, counter: Counter[str], filter: Filter) -> Facet:
    most = counter.most_common(MAX_FACET_VALUES)
    top = most[0][1] if most else 1
    values = tuple(
        Value(text=text, count=count, share=count / top, parameters=dict(filter.with_condition(name, text).parameters))
        for text, count in most
    )
    return Facet(name=name, title=TITLES[name], values=values, others=len(counter) - len(values))
