"""Which records of the log are asked for, as an address says it."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from webapp.errors import InvalidQuery
from webapp.helpers.accounts.roles import Scope
from webapp.helpers.uuid7 import read_uuid7
from webapp.types import Channel, Notice, Status, Value

Parameters = Sequence[tuple[str, str]]

#: What stands before the name of an input.
INPUT = "input."
#: What a page asks for besides a filter.
BESIDES = ("cursor",)
LONGEST = 500
ORDERS = ("newest", "oldest")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What records must have; None and () ask for nothing."""

    model: str | None = None
    version: str | None = None
    channel: str | None = None
    status: str | None = None
    #: The answer, where it is a class.
    class_: str | None = None
    #: The first and the last day, in UTC.
    since: date | None = None
    until: date | None = None
    id: UUID | None = None
    #: Names of inputs with their values as they were written.
    inputs: tuple[tuple[str, str], ...] = ()
    #: Names of inputs with what may stand in place of these values.
    pseudonyms: tuple[tuple[str, str], ...] = ()
    #: Whether the oldest come first.
    oldest: bool = False
    #: Among which records is looked at all; no address says it.
    scope: Scope | None = None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The filter and the order as an address says them."""
        order = [("order", "oldest")] if self.oldest else []
        return self.conditions + order

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """The filter alone, as an address says it."""
        values = [(name, getattr(self, field)) for name, field in FIELDS.items()]
        named = [(name, str(value)) for name, value in values if value is not None]
        return named + [(INPUT + name, value) for name, value in self.inputs]

    @property
    def begins(self) -> datetime | None:
        """The first moment of the first day."""
        return datetime.combine(self.since, time(), UTC) if self.since else None

    @property
    def ends(self) -> datetime | None:
        """The first moment after the last day."""
        return datetime.combine(self.until + timedelta(days=1), time(), UTC) if self.until else None

    def with_one(self, name: str, value: str) -> Filter:
        """The same with one more condition, in place of one of its name."""
        changed: dict[str, Any] = {FIELDS[name]: value}
        return replace(self, **changed)

    def without(self, name: str) -> Filter:
        """The same without one condition."""
        if name.startswith(INPUT):
            return replace(self, inputs=tuple(each for each in self.inputs if INPUT + each[0] != name))
        changed: dict[str, Any] = {FIELDS[name]: None}
        return replace(self, **changed)


#: The parameters of an address and the fields that they fill.
FIELDS = {
    "model": "model",
    "version": "version",
    "channel": "channel",
    "status": "status",
    "class": "class_",
    "from": "since",
    "to": "until",
    "id": "id",
}


def read_filter(parameters: Parameters) -> Filter:
    """Read a filter; a parameter without a value asks for nothing.

    Raises
    ------
    InvalidQuery
        With a sentence for each parameter that is wrong.
    """
    given = _joined([(name, value.strip()) for name, value in parameters if value.strip() and name not in BESIDES])
    errors = list(_misplaced(given))
    read: dict[str, Any] = {}
    for name, value in given:
        if name in READERS:
            try:
                read[name] = READERS[name](value)
            except ValueError as error:
                errors.append(Notice(loc=(name,), msg=str(error)))
    if "from" in read and "to" in read and read["from"] > read["to"]:
        errors.append(Notice(loc=("to",), msg="The last day must not be before the first."))
    if errors:
        raise InvalidQuery(errors=errors)
    oldest = read.pop("order", None) == "oldest"
    inputs = tuple((name.removeprefix(INPUT), value) for name, value in given if name.startswith(INPUT))
    return Filter(inputs=inputs, oldest=oldest, **{FIELDS[name]: value for name, value in read.items()})


def possible_values(text: str) -> list[Value]:
    """Give the values that a text may stand for: itself, and the number, the truth or the blank it spells."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    if isinstance(value, float):
        return [text, value] if math.isfinite(value) else [text]
    return [text, value] if value is None or isinstance(value, int) else [text]


def _joined(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Make one parameter of an input and its value, which a form can only send apart."""
    apart = dict(each for each in given if each[0] in ("input", "value"))
    if len(apart) < 2:
        return given
    rest = [each for each in given if each[0] not in apart]
    return [*rest, (INPUT + apart["input"], apart["value"])]


def _misplaced(given: Parameters) -> Iterable[Notice]:
    counts = Counter(name for name, _ in given)
    for name, count in counts.items():
        if name in ("input", "value"):
            yield Notice(loc=(name,), msg="Give both the name of an input and its value.")
        elif name not in READERS and not (name.startswith(INPUT) and name != INPUT):
            yield Notice(loc=(name,), msg="There is no filter of this name.")
        elif count > 1:
            yield Notice(loc=(name,), msg="Give this once.")
    for name, value in given:
        if not _storable(name) or not _storable(value):
            yield Notice(loc=(name,), msg=f"This must be a text of up to {LONGEST} characters.")


def _storable(text: str) -> bool:
    """Whether PostgreSQL could hold it."""
    return len(text) <= LONGEST and "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def _one_of(allowed: Iterable[str]) -> Callable[[str], str]:
    known = tuple(allowed)

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"This must be {', '.join(known[:-1])} or {known[-1]}.")
        return text

    return read


def _day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        day = date.min
    if not 1970 <= day.year < 3000:
        raise ValueError("Write the day like 2026-11-24.")
    return day


def _id(text: str) -> UUID:
    try:
        return read_uuid7(text)
    except ValueError:
        raise ValueError("This is not the id of a prediction.") from None


READERS: dict[str, Callable[[str], Any]] = {
    "model": str,
    "version": str,
    "channel": _one_of(Channel),
    "status": _one_of(Status),
    "class": str,
    "from": _day,
    "to": _day,
    "id": _id,
    "order": _one_of(ORDERS),
}
