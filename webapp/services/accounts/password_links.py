"""Links with which a user chooses a password: each works once, until it expires."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, select
from sqlalchemy.dialects.postgresql import insert

from webapp.database.tables.accounts import PasswordLinkRecord, UserRecord
from webapp.database.transactions import transaction, write
from webapp.errors import AccountInvalid, AccountsUnavailable, LinkExpired
from webapp.helpers.accounts.roles import Grant
from webapp.services.accounts.changes import UserChanges
from webapp.services.accounts.user_rows import add_user, change_password, id_of
from webapp.services.accounts.users import Users
from webapp.services.audit import Action, record_in

LINKS, USERS = PasswordLinkRecord.__table__, UserRecord.__table__
#: How long a link works.
LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class PasswordLink:
    """A link that was just made; its token can't be shown again."""

    token: str
    expires_at: datetime


class PasswordLinks:
    """Makes links for users, and sets the passwords that these choose with them."""

    def __init__(self, engine: Engine, users: Users, changes: UserChanges) -> None:
        self._engine = engine
        self._users = users
        self._changes = changes

    def invite(self, name: str, grant: Grant, *, actor: str | None) -> PasswordLink:
        """Create a user who has no password yet, and return the link to choose one.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        # Nobody knows this password, so nobody can log in before the link is used.
        password_hash = self._users.unknown_hash()
        with self._changes.begin() as connection:
            id = add_user(connection, name, password_hash, grant)
            link = _make(connection, id, is_first=True)
            details = {"role": grant.role.word, "model": grant.model, "what": "link"}
            record_in(connection, Action.USER_CREATED, name, actor, **details)
        return link

    def renew(self, name: str, *, actor: str | None) -> PasswordLink:
        """Return a new link for a user; the one before ends, and the password stays until the new link is used.

        Raises
        ------
        AccountInvalid, AccountsUnavailable
        """
        with self._changes.begin() as connection:
            id = id_of(connection, name)
            if connection.execute(select(USERS.c.disabled_at).where(USERS.c.id == id)).scalar_one():
                raise AccountInvalid("This user is disabled. First enable the user.")
            link = _make(connection, id, is_first=False)
            record_in(connection, Action.USER_CHANGED, name, actor, what="link")
        return link

    def name_of(self, token: str) -> str:
        """Return the name of the user whom a link is for, without using the link.

        Raises
        ------
        LinkExpired, AccountsUnavailable
        """
        query = select(USERS.c.name).join_from(LINKS, USERS).where(_is_usable(token))
        with transaction(self._engine, AccountsUnavailable) as connection:
            name = connection.execute(query).scalar_one_or_none()
        if name is None:
            raise LinkExpired
        return str(name)

    def use(self, token: str, password: str) -> str:
        """Set the password of the user whom a link is for, end the link and all their sessions; return their name.

        Raises
        ------
        LinkExpired, PasswordRefused, AccountsUnavailable
        """
        # Only who has a link makes the service spend the time and the memory of a hash.
        name = self.name_of(token)
        password_hash = self._users.hash(password, name)
        with self._changes.begin() as connection:
            # Of two who use a link at once, the second finds no row any more.
            id = connection.execute(
                delete(PasswordLinkRecord)
                .where(_is_usable(token), USERS.c.id == LINKS.c.user_id)
                .returning(LINKS.c.user_id)
            ).scalar_one_or_none()
            if id is None:
                raise LinkExpired
            change_password(connection, id, password_hash)
            record_in(connection, Action.USER_CHANGED, name, name, what="password by link")
        return name


def _make(connection: Connection, id: UUID, *, is_first: bool) -> PasswordLink:
    token, expires_at = secrets.token_urlsafe(32), datetime.now(UTC) + LIFETIME
    row = {"user_id": id, "token_digest": _digest(token), "expires_at": expires_at, "is_first": is_first}
    kept = {name: row[name] for name in ("token_digest", "expires_at")}
    # A user who never had a password still has none, so is_first stays.
    write(
        connection, insert(PasswordLinkRecord).values(row).on_conflict_do_update(index_elements=["user_id"], set_=kept)
    )
    return PasswordLink(token=token, expires_at=expires_at)


def _is_usable(token: str) -> ColumnElement[bool]:
    is_link = LINKS.c.token_digest == _digest(token)
    return and_(is_link, LINKS.c.expires_at > datetime.now(UTC), USERS.c.disabled_at.is_(None))


def _digest(token: str) -> bytes:
    # The token has 256 random bits, so a fast hash is as good as a slow one.
    return hashlib.sha256(token.encode()).digest()
