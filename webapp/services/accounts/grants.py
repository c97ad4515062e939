"""Reads and writes the roles of names."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from webapp.database.tables.accounts import GrantRecord
from webapp.database.transactions import write
from webapp.errors import AccountInvalid
from webapp.helpers.accounts.roles import Grant, Role
from webapp.helpers.near_names import did_you_mean

GRANTS = GrantRecord.__table__
#: Returns the names of the models that a role can be for.
ModelNames = Callable[[], Collection[str]]


def require_models(names: Collection[str], model_names: ModelNames) -> None:
    """Check that a role is for models that exist: a misspelt one would be of no use, and nobody would notice.

    Raises
    ------
    AccountInvalid
    """
    for name in names:
        if name not in (known := model_names()):
            raise AccountInvalid(f"There is no model “{name}”.{did_you_mean(name, known)}")


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
