"""A filter of the log in SQL: what an index finds, and what each row has to be looked at for."""

from __future__ import annotations

import json
from uuid import UUID

from sqlalchemy import ColumnElement, UnaryExpression, and_, cast, false, literal, literal_column, or_, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from webapp.database.tables.predictions import PredictionRecord
from webapp.helpers.accounts.roles import Scope
from webapp.helpers.records.filters import Filter, possible_values
from webapp.helpers.uuid7 import time_of
from webapp.types import Status

TABLE = PredictionRecord.__table__
KEY = (TABLE.c.created_at, TABLE.c.id)
#: The answer as a text, as an address can name it.
answer: ColumnElement[str] = literal_column("output ->> 'prediction'", TABLE.c.model.type)
#: Spelled as in the index of the few that were not answered, so that PostgreSQL sees that it may use it.
UNANSWERED: ColumnElement[bool] = literal_column("status <> 'answered'")

Condition = ColumnElement[bool]


def indexed(filter: Filter) -> list[Condition]:
    """Give the conditions whose rows an index finds in their order."""
    if filter.id is not None:
        return [TABLE.c.created_at == time_of(filter.id), TABLE.c.id == filter.id, *_days(filter)]
    if _rare(filter):
        return [UNANSWERED, TABLE.c.status == filter.status, *_days(filter)]
    return ([TABLE.c.model == filter.model] if filter.model is not None else []) + _days(filter)


def looked_for(filter: Filter) -> list[Condition]:
    """Give the conditions that are looked for row by row among those that an index finds."""
    found = [answer == filter.class_] if filter.class_ is not None else []
    found += [_has(name, text, filter) for name, text in filter.inputs]
    found += _within(filter.scope)
    columns = ["version", "channel"]
    if filter.id is not None or _rare(filter):
        columns.append("model")
    if not _rare(filter) or filter.id is not None:
        columns.append("status")
    return found + [TABLE.c[name] == getattr(filter, name) for name in columns if getattr(filter, name) is not None]


def order(filter: Filter) -> tuple[UnaryExpression[object], ...]:
    """Give the order in which records come."""
    return tuple(column.asc() if filter.oldest else column.desc() for column in KEY)


def beyond(filter: Filter, id: UUID) -> Condition:
    """What comes after this record; its time is told twice because only so whole months are left out."""
    at, key = TABLE.c.created_at, tuple_(*KEY)
    place = tuple_(literal(time_of(id), at.type), literal(id, TABLE.c.id.type))
    return and_(at >= time_of(id), key > place) if filter.oldest else and_(at <= time_of(id), key < place)


def up_to(filter: Filter, id: UUID) -> Condition:
    """What comes before this record, and itself."""
    at, key = TABLE.c.created_at, tuple_(*KEY)
    place = tuple_(literal(time_of(id), at.type), literal(id, TABLE.c.id.type))
    return and_(at <= time_of(id), key <= place) if filter.oldest else and_(at >= time_of(id), key >= place)


def _within(scope: Scope | None) -> list[Condition]:
    if scope is None:
        return []
    own = [TABLE.c.actor == scope.actor] if scope.actor is not None else []
    return [or_(false(), TABLE.c.model.in_(scope.models), *own)]


def _days(filter: Filter) -> list[Condition]:
    first = [TABLE.c.created_at >= filter.begins] if filter.begins else []
    return first + ([TABLE.c.created_at < filter.ends] if filter.ends else [])


def _rare(filter: Filter) -> bool:
    return filter.status not in (None, Status.ANSWERED)


def _has(name: str, text: str, filter: Filter) -> Condition:
    """Tell of an input that it has this value, whichever of its types was meant, or a pseudonym of it."""
    values = possible_values(text) + [pseudonym for whose, pseudonym in filter.pseudonyms if whose == name]
    wanted = [literal(json.dumps({name: value}), TABLE.c.model.type) for value in values]
    return or_(*(TABLE.c.inputs.op("@>", is_comparison=True)(cast(each, JSONB)) for each in wanted))
