"""Reads and writes the roles of names."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from webapp.database.tables.accounts import GrantRecord
from webapp.database.transactions import write
from webapp.helpers.accounts.roles import Grant, Role

GRANTS = GrantRecord.__table__


def grants_of(connection: Connection, name: str) -> tuple[Grant, ...]:
    """Return the roles of a name, those for all models first."""
    query = select(GRANTS.c.role, GRANTS.c.model).where(GRANTS.c.name == name)
    rows = connection.execute(query.order_by(GRANTS.c.model.nulls_first()))
    return tuple(Grant(role=Role.named(row.role), model=row.model) for row in rows)


def give(connection: Connection, name: str, grant: Grant) -> None:
    """Give a role to a name, replacing the one that it had for the same models."""
    take(connection, name, grant.model)
    row = {"name": name, "role": grant.role.word, "model": grant.model}
    write(connection, insert(GrantRecord), row)


def take(connection: Connection, name: str, model: str | None) -> int:
    """Remove the role that a name has for a model, or for all models; return how many were removed."""
    return connection.execute(delete(GrantRecord).where(_is_grant_of(name, model))).rowcount


def _is_grant_of(name: str, model: str | None) -> ColumnElement[bool]:
    return and_(GRANTS.c.name == name, GRANTS.c.model.is_(None) if model is None else GRANTS.c.model == model)
