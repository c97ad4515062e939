"""The rows of a user, inside the transaction of a change: their name, password, sessions and first role."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database.tables.accounts import PasswordLinkRecord, SessionRecord, UserRecord
from webapp.database.transactions import require_none, write
from webapp.errors import AccountInvalid
from webapp.helpers.accounts.roles import Grant
from webapp.helpers.near_names import did_you_mean
from webapp.services.accounts.grants import give, grants_of

USERS, SESSIONS, LINKS = UserRecord.__table__, SessionRecord.__table__, PasswordLinkRecord.__table__
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


def readable_name(name: str) -> str:
    """Return a name in lower case.

    Raises
    ------
    AccountInvalid
    """
    folded = name.strip().casefold()
    if not NAME.fullmatch(folded):
        raise AccountInvalid("A name has 1 to 64 letters, digits or . _ @ + - and begins with a letter or digit.")
    return folded


def add_user(connection: Connection, name: str, password_hash: str, grant: Grant) -> UUID:
    """Add a user with one role, and return their id.

    Raises
    ------
    AccountInvalid
    """
    folded = readable_name(name)
    row = {"id": uuid4(), "name": folded, "password_hash": password_hash}
    statement = insert(UserRecord).values(row).on_conflict_do_nothing().returning(USERS.c.id)
    id = connection.execute(statement).scalar_one_or_none()
    if id is None:
        raise AccountInvalid("There is a user of this name.")
    if earlier := grants_of(connection, folded):
        roles = ", ".join(map(str, earlier))
        raise AccountInvalid(f"This name was given roles before ({roles}). First remove them with users revoke.")
    give(connection, folded, grant)
    return UUID(str(id))


def change_password(connection: Connection, id: UUID, password_hash: str) -> None:
    """Replace a password, and end all sessions that began with the old one, and a link to choose another."""
    write(connection, update(UserRecord).where(USERS.c.id == id).values(password_hash=password_hash))
    end_sessions(connection, id)
    connection.execute(delete(PasswordLinkRecord).where(LINKS.c.user_id == id))


def end_sessions(connection: Connection, id: UUID) -> None:
    """End all sessions of a user."""
    is_theirs = SESSIONS.c.user_id == id
    connection.execute(delete(SessionRecord).where(is_theirs))
    require_none(connection, select(SESSIONS.c.user_id).where(is_theirs))


def id_of(connection: Connection, name: str) -> UUID:
    """Return the id of the user of this name.

    Raises
    ------
    AccountInvalid
    """
    id = connection.execute(select(USERS.c.id).where(USERS.c.name == name.casefold())).scalar_one_or_none()
    if id is None:
        raise AccountInvalid(no_user(connection, name.casefold()))
    return UUID(str(id))


def no_user(connection: Connection, name: str) -> str:
    """Say that there is no user of this name, and which name was probably meant."""
    names = connection.scalars(select(USERS.c.name).order_by(USERS.c.name)).all()
    return f"There is no user “{name}”.{did_you_mean(name, names)}"
