"""People with a name, a password and roles."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine, false, func, select, update

from webapp.database.tables.accounts import GrantRecord, PasswordLinkRecord, SessionRecord, UserRecord
from webapp.database.transactions import transaction, write
from webapp.errors import AccountInvalid, AccountsUnavailable, LoginRefused, PasswordRefused
from webapp.helpers.accounts.passwords import problem_of
from webapp.helpers.accounts.roles import Grant, Principal, Role
from webapp.services.accounts.changes import UserChanges
from webapp.services.accounts.grants import ModelNames, give, grants_of, require_models, take
from webapp.services.accounts.user_rows import add_user, change_password, end_sessions, id_of, no_user, readable_name
from webapp.services.audit import Action, record_in

USERS, SESSIONS = UserRecord.__table__, SessionRecord.__table__
GRANTS, LINKS = GrantRecord.__table__, PasswordLinkRecord.__table__


@dataclass(frozen=True, kw_only=True)
class User:
    """One user with their roles, without their password; or a name that has roles, for a trusted proxy."""

    name: str
    grants: Sequence[Grant]
    #: None for a name that is not a user.
    id: UUID | None = None
    created_at: datetime | None = None
    disabled_at: datetime | None = None
    #: Whether the user has never had a password, and until when the link to choose one works.
    is_new: bool = False
    link_until: datetime | None = None


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
        changes: UserChanges,
        *,
        model_names: ModelNames,
        proxy_names_users: bool = False,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._engine = engine
        self._changes = changes
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
        password_hash = self.hash(password, name)
        with self._changes.begin() as connection:
            add_user(connection, name, password_hash, grant)
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
        password_hash = self.hash(password, name)
        with self._changes.begin() as connection:
            change_password(connection, id_of(connection, name), password_hash)
            record_in(connection, Action.USER_CHANGED, name, actor, what="password")

    def disable(self, name: str, *, actor: str | None) -> None:
        """Disable a user, and end all their sessions and their link.

        Raises
        ------
        AccountInvalid, LastAdmin, AccountsUnavailable
        """
        with self._changes.begin() as connection:
            id = id_of(connection, name)
            change = update(UserRecord).where(USERS.c.id == id).values(disabled_at=func.now())
            write(connection, change)
            end_sessions(connection, id)
            connection.execute(update(PasswordLinkRecord).where(LINKS.c.user_id == id).values(expires_at=func.now()))
            record_in(connection, Action.USER_CHANGED, name, actor, what="disabled")

    def enable(self, name: str, *, actor: str | None) -> None:
        """Let a user who was disabled log in again, with the same password and roles.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        with self._changes.begin() as connection:
            id = id_of(connection, name)
            write(connection, update(UserRecord).where(USERS.c.id == id).values(disabled_at=None))
            record_in(connection, Action.USER_CHANGED, name, actor, what="enabled")

    def grant(self, name: str, grant: Grant, *, actor: str | None) -> bool:
        """Replace the role that a name has for the same models; return whether there is a user of this name.

        Only where a trusted proxy names the users may there be none.

        Raises
        ------
        AccountInvalid, LastAdmin, AccountsUnavailable
        """
        folded = readable_name(name)
        require_models([grant.model] if grant.model else [], self._model_names)
        with self._changes.begin() as connection:
            user = connection.execute(select(USERS.c.id).where(USERS.c.name == folded)).one_or_none()
            if user is None and not self._proxy_names_users:
                raise AccountInvalid(
                    f"{no_user(connection, folded)} To create one: flask --app wsgi users create {folded}. With "
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
        AccountInvalid, LastAdmin, AccountsUnavailable
        """
        folded = readable_name(name)
        with self._changes.begin() as connection:
            if removed := take(connection, folded, model) > 0:
                record_in(connection, Action.USER_CHANGED, name, actor, role=None, model=model)
            remaining = grants_of(connection, folded)
            if not (removed or remaining):
                # A user without any role is there, and a misspelt name is not.
                id_of(connection, folded)
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
        return [user for user in self.all_names() if user.id is not None]

    def all_names(self) -> list[User]:
        """Return all users and all other names that have roles, sorted by name.

        Raises
        ------
        AccountsUnavailable
        """
        users = select(
            USERS.c.name,
            USERS.c.id,
            USERS.c.created_at,
            USERS.c.disabled_at,
            func.coalesce(LINKS.c.is_first, false()).label("is_new"),
            LINKS.c.expires_at.label("link_until"),
        ).join_from(USERS, LINKS, isouter=True)
        with transaction(self._engine, AccountsUnavailable) as connection:
            rows = {row.name: dict(row._mapping) for row in connection.execute(users)}
            grants: dict[str, list[Grant]] = {}
            for row in connection.execute(select(GRANTS).order_by(GRANTS.c.model.nulls_first())):
                grants.setdefault(row.name, []).append(Grant(role=Role.named(row.role), model=row.model))
        names = sorted(rows.keys() | grants.keys())
        return [User(**rows.get(name, {"name": name}), grants=tuple(grants.get(name, ()))) for name in names]

    def find(self, name: str) -> User:
        """Return the user, or other name with roles, of this name.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        for user in self.all_names():
            if user.name == name.casefold():
                return user
        raise AccountInvalid("There is no user of this name.")

    @cached_property
    def _dummy_hash(self) -> str:
        """The hash that is checked for an unknown name, so that refusing it takes as long."""
        return self._hasher.hash("a password that no user has")

    def unknown_hash(self) -> str:
        """Return the hash of a password that nobody knows."""
        with self._hash_lock:
            return self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str, name: str) -> str:
        """Return the hash of a password that is good enough for a user of this name.

        Raises
        ------
        PasswordRefused
        """
        if problem := problem_of(password, name):
            raise PasswordRefused(problem)
        with self._hash_lock:
            return self._hasher.hash(password)
