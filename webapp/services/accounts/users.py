"""People with a name, a password and roles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.database.tables.accounts import SessionRecord, UserRecord
from webapp.database.transactions import require_none, transaction, write
from webapp.errors import AccountInvalid, AccountsUnavailable, LoginRefused, PasswordRefused
from webapp.helpers.accounts.passwords import problem_of
from webapp.helpers.accounts.roles import Grant, Principal, Role
from webapp.helpers.near_names import did_you_mean
from webapp.services.accounts.grants import ModelNames, give, grants_of, require_models, take
from webapp.services.audit import Action, record_in

USERS, SESSIONS = UserRecord.__table__, SessionRecord.__table__
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class User:
    """One user with their roles, without their password."""

    id: UUID
    name: str
    created_at: datetime
    disabled_at: datetime | None
    grants: Sequence[Grant]


@dataclass(frozen=True, kw_only=True)
class Authenticated:
    """A user whose password was right, and the hash that it was checked against."""

    id: UUID
    password_hash: str


class Users:
    """Creates users, checks their passwords and changes their roles."""

    def __init__(
        self,
        engine: Engine,
        *,
        model_names: ModelNames,
        proxy_names_users: bool = False,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._engine = engine
        self._model_names = model_names
        self._proxy_names_users = proxy_names_users
        # argon2's defaults are the second choice of RFC 9106: argon2id, 64 MiB, three passes.
        self._hasher = hasher or PasswordHasher()
        # A hash takes 64 MiB, so passwords that come at the same time are hashed one after the other.
        self._hash_lock = Lock()

    def create(self, name: str, password: str, grant: Grant, *, actor: str | None) -> None:
        """Create a user with one role.

        Roles that the name was given before, for a trusted proxy, must be removed first: otherwise the new user could
        do more than this role allows, or the proxy's user would lose those roles unnoticed.

        Raises
        ------
        AccountInvalid, PasswordRefused, AccountsUnavailable
        """
        name = readable_name(name)
        require_models([grant.model] if grant.model else [], self._model_names)
        row = {"id": uuid4(), "name": name, "password_hash": self._hash(password, name)}
        with transaction(self._engine, AccountsUnavailable) as connection:
            statement = insert(UserRecord).values(row).on_conflict_do_nothing().returning(USERS.c.id)
            if connection.execute(statement).one_or_none() is None:
                raise AccountInvalid("There is a user of this name.")
            if earlier := grants_of(connection, name):
                roles = ", ".join(map(str, earlier))
                raise AccountInvalid(
                    f"This name was given roles before ({roles}). First remove them with users revoke."
                )
            give(connection, name, grant)
            details = {"role": grant.role.word, "model": grant.model}
            record_in(connection, Action.USER_CREATED, name, actor, **details)

    def authenticate(self, name: str, password: str) -> Authenticated:
        """Return the user who has this name and this password; an unknown name takes as long to refuse.

        Raises
        ------
        LoginRefused, AccountsUnavailable
        """
        query = select(USERS.c.id, USERS.c.password_hash, USERS.c.disabled_at).where(USERS.c.name == name.casefold())
        with transaction(self._engine, AccountsUnavailable) as connection:
            row = connection.execute(query).one_or_none()
        try:
            with self._hash_lock:
                self._hasher.verify(row.password_hash if row else self._dummy_hash, password)
        except VerificationError:
            raise LoginRefused from None
        if row is None or row.disabled_at:
            raise LoginRefused
        return Authenticated(id=row.id, password_hash=row.password_hash)

    def set_password(self, name: str, password: str, *, actor: str | None) -> None:
        """Change a password, and end all sessions that began with the old one.

        Raises
        ------
        AccountInvalid, PasswordRefused, AccountsUnavailable
        """
        password_hash = self._hash(password, name)
        with transaction(self._engine, AccountsUnavailable) as connection:
            id = _id(connection, name)
            write(connection, update(UserRecord).where(USERS.c.id == id).values(password_hash=password_hash))
            _end_sessions(connection, id)
            record_in(connection, Action.USER_CHANGED, name, actor, what="password")

    def disable(self, name: str, *, actor: str | None) -> None:
        """Disable a user, and end all their sessions.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            id = _id(connection, name)
            change = update(UserRecord).where(USERS.c.id == id).values(disabled_at=func.now())
            write(connection, change)
            _end_sessions(connection, id)
            record_in(connection, Action.USER_CHANGED, name, actor, what="disabled")

    def grant(self, name: str, grant: Grant, *, actor: str | None) -> bool:
        """Replace the role that a name has for the same models; return whether there is a user of this name.

        Only where a trusted proxy names the users may there be none.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        folded = readable_name(name)
        require_models([grant.model] if grant.model else [], self._model_names)
        with transaction(self._engine, AccountsUnavailable) as connection:
            user = connection.execute(select(USERS.c.id).where(USERS.c.name == folded)).one_or_none()
            if user is None and not self._proxy_names_users:
                raise AccountInvalid(
                    f"{_no_user(connection, folded)} To create one: flask --app wsgi users create {folded}. With "
                    "AUTH=proxy, a name that the proxy sends needs no user."
                )
            give(connection, folded, grant)
            details = {"role": grant.role.word, "model": grant.model}
            record_in(connection, Action.USER_CHANGED, name, actor, **details)
        return user is not None

    def revoke(self, name: str, model: str | None, *, actor: str | None) -> tuple[bool, tuple[Grant, ...]]:
        """Remove the role that a name has for a model, or for all; return whether it had one, and the remaining roles.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        folded = readable_name(name)
        with transaction(self._engine, AccountsUnavailable) as connection:
            if removed := take(connection, folded, model) > 0:
                record_in(connection, Action.USER_CHANGED, name, actor, role=None, model=model)
            remaining = grants_of(connection, folded)
            if not (removed or remaining):
                # A user without any role is there, and a misspelt name is not.
                _id(connection, folded)
            return removed, remaining

    def principal(self, name: str, stranger: Role | None = None) -> Principal | None:
        """Return the person of this name with their roles; None for a disabled user.

        Parameters
        ----------
        stranger : Role, optional
            The role for all models of a name that is not a user's and was given no role. A user who has lost all
            roles does not get it; otherwise losing the last role could be a gain.

        Raises
        ------
        AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            user = connection.execute(select(USERS.c.disabled_at).where(USERS.c.name == name)).one_or_none()
            grants = grants_of(connection, name)
        if user and user.disabled_at:
            return None
        if stranger and not user and not grants:
            grants = (Grant(role=stranger),)
        return Principal(name=name, grants=grants)

    def all(self) -> list[User]:
        """Return all users, sorted by name.

        Raises
        ------
        AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            rows = connection.execute(
                select(USERS.c.id, USERS.c.name, USERS.c.created_at, USERS.c.disabled_at).order_by(USERS.c.name)
            ).all()
            return [User(**row._mapping, grants=grants_of(connection, row.name)) for row in rows]

    @cached_property
    def _dummy_hash(self) -> str:
        """The hash that is checked for an unknown name, so that refusing it takes as long."""
        return self._hasher.hash("a password that no user has")

    def _hash(self, password: str, name: str) -> str:
        if problem := problem_of(password, name):
            raise PasswordRefused(problem)
        with self._hash_lock:
            return self._hasher.hash(password)


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


def _end_sessions(connection: Connection, id: UUID) -> None:
    is_theirs = SESSIONS.c.user_id == id
    connection.execute(delete(SessionRecord).where(is_theirs))
    require_none(connection, select(SESSIONS.c.user_id).where(is_theirs))


def _id(connection: Connection, name: str) -> UUID:
    id = connection.execute(select(USERS.c.id).where(USERS.c.name == name.casefold())).scalar_one_or_none()
    if id is None:
        raise AccountInvalid(_no_user(connection, name.casefold()))
    return UUID(str(id))


def _no_user(connection: Connection, name: str) -> str:
    names = connection.scalars(select(USERS.c.name).order_by(USERS.c.name)).all()
    return f"There is no user “{name}”.{did_you_mean(name, names)}"
