"""A filter of the log in SQL: conditions that an index answers, and conditions that are checked row by row."""

from __future__ import annotations

import json
import operator
from dataclasses import replace
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Text,
    UnaryExpression,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from webapp.database.tables.predictions import PredictionRecord
from webapp.helpers.accounts.roles import Scope
from webapp.helpers.records.filter_values import CASE_DIGITS, number_range, possible_values
from webapp.helpers.records.filters import Filter
from webapp.helpers.uuid7 import time_of
from webapp.types import Status

TABLE = PredictionRecord.__table__
KEY = (TABLE.c.created_at, TABLE.c.id)
#: The answer as text, as the filter in a URL has it.
answer: ColumnElement[str] = literal_column("output ->> 'prediction'", TABLE.c.model.type)
#: Spelled as in the partial index of unanswered predictions, so that PostgreSQL can use that index.
UNANSWERED: ColumnElement[bool] = literal_column("status <> 'answered'")
OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}

Condition = ColumnElement[bool]


def indexed(filter: Filter) -> list[Condition]:
    """Return the conditions that an index answers, with the rows in their order."""
    if isinstance(filter.id, UUID):
        return [TABLE.c.created_at == time_of(filter.id), TABLE.c.id == filter.id, *_days(filter)]
    if _is_rare(filter):
        return [UNANSWERED, TABLE.c.status == filter.status, *_days(filter)]
    return ([TABLE.c.model == filter.model] if filter.model is not None else []) + _days(filter)


def unindexed(filter: Filter) -> list[Condition]:
    """Return the conditions that are checked for each row that the index finds."""
    conditions = [answer == filter.class_] if filter.class_ is not None else []
    conditions += [_has(name, text, filter) for name, text in filter.inputs]
    conditions += _within(filter.scope)
    if filter.warnings:
        conditions.append(TABLE.c.warnings != literal([], JSONB))
    if isinstance(filter.id, str):
        conditions.append(func.right(cast(TABLE.c.id, Text), CASE_DIGITS) == filter.id)
    has_id = isinstance(filter.id, UUID)
    columns = {"version": filter.version, "channel": filter.channel, "actor": filter.actor}
    if has_id or _is_rare(filter):
        columns["model"] = filter.model
    if has_id or not _is_rare(filter):
        columns["status"] = filter.only_status
    return conditions + [TABLE.c[name] == value for name, value in columns.items() if value is not None]


def selective(filter: Filter) -> list[Condition]:
    """Return the unindexed conditions that few records may meet: nearly all records are answered."""
    return unindexed(replace(filter, status=None) if filter.status == Status.ANSWERED else filter)


def order(filter: Filter) -> tuple[UnaryExpression[object], ...]:
    """Return the order of the records."""
    return tuple(column.asc() if filter.oldest else column.desc() for column in KEY)


def beyond(filter: Filter, id: UUID) -> Condition:
    """Return the condition for later records; the time stands alone too, so that PostgreSQL skips whole months."""
    at, key = TABLE.c.created_at, tuple_(*KEY)
    position = tuple_(literal(time_of(id), at.type), literal(id, TABLE.c.id.type))
    return and_(at >= time_of(id), key > position) if filter.oldest else and_(at <= time_of(id), key < position)


def up_to(filter: Filter, id: UUID) -> Condition:
    """Return the condition for this record and those before it."""
    at, key = TABLE.c.created_at, tuple_(*KEY)
    position = tuple_(literal(time_of(id), at.type), literal(id, TABLE.c.id.type))
    return and_(at <= time_of(id), key <= position) if filter.oldest else and_(at >= time_of(id), key >= position)


def _within(scope: Scope | None) -> list[Condition]:
    if scope is None:
        return []
    own = [TABLE.c.actor == scope.actor] if scope.actor is not None else []
    return [or_(false(), TABLE.c.model.in_(scope.models), *own)]


def _days(filter: Filter) -> list[Condition]:
    first = [TABLE.c.created_at >= filter.start] if filter.start else []
    return first + ([TABLE.c.created_at < filter.end] if filter.end else [])


def _is_rare(filter: Filter) -> bool:
    return filter.only_status not in (None, Status.ANSWERED)


def _has(name: str, text: str, filter: Filter) -> Condition:
    """Return the condition that an input has a value that the text may stand for, in any type, or its pseudonym."""
    values = possible_values(text) + [pseudonym for input, pseudonym in filter.pseudonyms if input == name]
    documents = [literal(json.dumps({name: value}), TABLE.c.model.type) for value in values]
    equal = [TABLE.c.inputs.op("@>", is_comparison=True)(cast(document, JSONB)) for document in documents]
    return or_(*equal, *_is_in_range(name, text))


def _is_in_range(name: str, text: str) -> list[Condition]:
    bounds = number_range(text)
    if not bounds:
        return []
    value = TABLE.c.inputs[name]
    number = cast(value, Numeric)
    within = and_(*(OPERATORS[bound.operator](number, bound.number) for bound in bounds))
    # PostgreSQL evaluates the condition only for numbers; a text can't be cast to one.
    return [case((func.jsonb_typeof(value) == "number", within), else_=false())]
