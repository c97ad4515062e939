"""A filter of the log in SQL: conditions that an index answers, and conditions that are checked row by row."""

from __future__ import annotations

import json
from uuid import UUID

from sqlalchemy import ColumnElement, UnaryExpression, and_, cast, false, literal, literal_column, or_, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from webapp.database.tables.predictions import PredictionRecord
from webapp.helpers.accounts.roles import Scope
from webapp.helpers.records.filter_values import possible_values
from webapp.helpers.records.filters import Filter
from webapp.helpers.uuid7 import time_of
from webapp.types import Status

TABLE = PredictionRecord.__table__
KEY = (TABLE.c.created_at, TABLE.c.id)
#: The answer as text, as the filter in a URL has it.
answer: ColumnElement[str] = literal_column("output ->> 'prediction'", TABLE.c.model.type)
#: Spelled as in the partial index of unanswered predictions, so that PostgreSQL can use that index.
UNANSWERED: ColumnElement[bool] = literal_column("status <> 'answered'")

Condition = ColumnElement[bool]


def indexed(filter: Filter) -> list[Condition]:
    """Return the conditions that an index answers, with the rows in their order."""
    if filter.id is not None:
        return [TABLE.c.created_at == time_of(filter.id), TABLE.c.id == filter.id, *_days(filter)]
    if _is_rare(filter):
        return [UNANSWERED, TABLE.c.status == filter.status, *_days(filter)]
    return ([TABLE.c.model == filter.model] if filter.model is not None else []) + _days(filter)


def unindexed(filter: Filter) -> list[Condition]:
    """Return the conditions that are checked for each row that the index finds."""
    conditions = [answer == filter.class_] if filter.class_ is not None else []
    conditions += [_has(name, text, filter) for name, text in filter.inputs]
    conditions += _within(filter.scope)
    columns = ["version", "channel"]
    if filter.id is not None or _is_rare(filter):
        columns.append("model")
    if not _is_rare(filter) or filter.id is not None:
        columns.append("status")
    return conditions + [
        TABLE.c[name] == getattr(filter, name) for name in columns if getattr(filter, name) is not None
    ]


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
    return filter.status not in (None, Status.ANSWERED)


def _has(name: str, text: str, filter: Filter) -> Condition:
    """Return the condition that an input has this value, in any type that the text may stand for, or its pseudonym."""
    values = possible_values(text) + [pseudonym for input, pseudonym in filter.pseudonyms if input == name]
    documents = [literal(json.dumps({name: value}), TABLE.c.model.type) for value in values]
    return or_(*(TABLE.c.inputs.op("@>", is_comparison=True)(cast(document, JSONB)) for document in documents))
