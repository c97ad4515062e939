"""Filters of the prediction log, read from the parameters of an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from webapp.errors import InvalidQuery
from webapp.helpers.accounts.roles import Scope
from webapp.helpers.inputs.messages import listed, printable
from webapp.helpers.records.filter_values import EVERY_STATUS, MAX_LENGTH, READERS, YES, is_searchable
from webapp.types import Notice

Parameters = Sequence[tuple[str, str]]

#: Prefix of the parameters that filter by an input.
INPUT_PREFIX = "input."
#: Parameters of a page that are not part of the filter.
PAGE_PARAMETERS = ("cursor",)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """The conditions that records must meet, and their order; None and () are no condition."""

    model: str | None = None
    version: str | None = None
    channel: str | None = None
    #: One status, or EVERY_STATUS.
    status: str | None = None
    #: The user or the API key that asked.
    actor: str | None = None
    #: Whether only the user's own records are meant.
    mine: bool = False
    #: Whether only records with warnings are meant.
    warnings: bool = False
    #: The answer, if it is a class.
    class_: str | None = None
    #: The first and the last day, in UTC.
    since: date | None = None
    until: date | None = None
    #: The id of a record, or the number of its case.
    id: UUID | str | None = None
    #: Names of inputs with their values, as the client wrote them.
    inputs: tuple[tuple[str, str], ...] = ()
    #: Names of inputs with the pseudonyms of these values.
    pseudonyms: tuple[tuple[str, str], ...] = ()
    #: Whether the oldest records come first.
    oldest: bool = False
    #: The records that the user may see; no parameter sets it.
    scope: Scope | None = None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The conditions and the order, as parameters of an address."""
        order = [("order", "oldest")] if self.oldest else []
        return self.conditions + order

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """The conditions without the order, as parameters of an address."""
        values = [(name, getattr(self, field)) for name, field in FIELDS.items()]
        filled = [(name, value) for name, value in values if value not in (None, False)]
        conditions = [(name, YES if value is True else str(value)) for name, value in filled]
        return conditions + [(INPUT_PREFIX + name, value) for name, value in self.inputs]

    @property
    def start(self) -> datetime | None:
        """The first moment of the first day."""
        return datetime.combine(self.since, time(), UTC) if self.since else None

    @property
    def end(self) -> datetime | None:
        """The first moment after the last day."""
        return datetime.combine(self.until + timedelta(days=1), time(), UTC) if self.until else None

    def with_condition(self, name: str, value: str) -> Filter:
        """Return a copy with one more condition, which replaces a condition of the same name."""
        changes: dict[str, Any] = {FIELDS[name]: value}
        return replace(self, **changes)

    def without(self, name: str) -> Filter:
        """Return a copy without one condition."""
        if name.startswith(INPUT_PREFIX):
            return replace(self, inputs=tuple(pair for pair in self.inputs if INPUT_PREFIX + pair[0] != name))
        changes: dict[str, Any] = {FIELDS[name]: getattr(Filter(), FIELDS[name])}
        return replace(self, **changes)

    @property
    def only_status(self) -> str | None:
        """The one status that records must have; None for every status."""
        return None if self.status == EVERY_STATUS else self.status


#: Parameters of an address with the fields that they set.
FIELDS = {
    "model": "model",
    "version": "version",
    "channel": "channel",
    "status": "status",
    "actor": "actor",
    "mine": "mine",
    "warnings": "warnings",
    "class": "class_",
    "from": "since",
    "to": "until",
    "id": "id",
}


def read_filter(parameters: Parameters) -> Filter:
    """Read a filter; a parameter without a value is ignored.

    Raises
    ------
    InvalidQuery
        With a sentence for each invalid parameter.
    """
    filled = [(name, value.strip()) for name, value in parameters if value.strip() and name not in PAGE_PARAMETERS]
    filled = _with_joined_input(filled)
    errors = list(_problems(filled))
    values: dict[str, Any] = {}
    for name, text in filled:
        if name in READERS:
            try:
                values[name] = READERS[name](text)
            except ValueError as error:
                errors.append(Notice(loc=(name,), msg=str(error)))
    if "from" in values and "to" in values and values["from"] > values["to"]:
        errors.append(Notice(loc=("to",), msg="The last day must not be before the first."))
    if errors:
        raise InvalidQuery(errors=listed(errors, len(errors), _with_short_name))
    oldest = values.pop("order", None) == "oldest"
    inputs = tuple((name.removeprefix(INPUT_PREFIX), text) for name, text in filled if name.startswith(INPUT_PREFIX))
    return Filter(inputs=inputs, oldest=oldest, **{FIELDS[name]: value for name, value in values.items()})


def _with_joined_input(parameters: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join the name of an input and its value, which an HTML form sends as two parameters, into one parameter."""
    pair = {name: value for name, value in parameters if name in ("input", "value")}
    if len(pair) < 2:
        return parameters
    others = [(name, value) for name, value in parameters if name not in pair]
    return [*others, (INPUT_PREFIX + pair["input"], pair["value"])]


def _with_short_name(notice: Notice) -> Notice:
    return replace(notice, loc=tuple(printable(str(part)) for part in notice.loc))


def _problems(parameters: Parameters) -> Iterable[Notice]:
    counts = Counter(name for name, _ in parameters)
    for name, count in counts.items():
        if name in ("input", "value"):
            yield Notice(loc=(name,), msg="Enter both the name of an input and its value.")
        elif name not in READERS and not (name.startswith(INPUT_PREFIX) and name != INPUT_PREFIX):
            yield Notice(loc=(name,), msg="There is no filter with this name.")
        elif count > 1:
            yield Notice(loc=(name,), msg="Send this parameter only once.")
    for name, value in parameters:
        if not is_searchable(name) or not is_searchable(value):
            yield Notice(loc=(name,), msg=f"This must be a text of up to {MAX_LENGTH} characters.")
