"""Sessions: a random token in a cookie, and its row in the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select, update

from webapp.database.tables.accounts import SessionRecord, UserRecord
from webapp.database.transactions import require_none, transaction, write
from webapp.errors import AccountsUnavailable, LoginRefused
from webapp.helpers.accounts.roles import Principal
from webapp.services.accounts.grants import grants_of
from webapp.services.accounts.users import Authenticated
from webapp.services.audit import Action, record_in

SESSIONS, USERS = SessionRecord.__table__, UserRecord.__table__
#: Shortest time between two updates of when a session was last used.
LAST_SEEN_INTERVAL = timedelta(minutes=1)


class Sessions:
    """Begins, finds and ends sessions. Each worker reads them from the database, so an ended one ends everywhere."""

    def __init__(self, engine: Engine, idle: timedelta, lifetime: timedelta) -> None:
        self._engine = engine
        self._idle = idle
        self._lifetime = lifetime

    def begin(self, user: Authenticated, name: str, old_token: str | None = None) -> str:
        """Begin a session and return its new token; the session that the browser had before ends.

        Raises
        ------
        LoginRefused
            When the password was changed or the user was disabled since the password was checked.
        AccountsUnavailable
        """
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        row = {"token_digest": _digest(token), "user_id": user.id, "created_at": now, "seen_at": now}
        # A change of the password waits for this lock, and then ends this session with all others.
        unchanged = select(USERS.c.id).where(USERS.c.id == user.id, USERS.c.password_hash == user.password_hash)
        unchanged = unchanged.where(USERS.c.disabled_at.is_(None)).with_for_update(read=True)
        with transaction(self._engine, AccountsUnavailable) as connection:
            if connection.execute(unchanged).one_or_none() is None:
                raise LoginRefused
            connection.execute(delete(SessionRecord).where(SESSIONS.c.created_at < now - self._lifetime))
            if old_token:
                _end(connection, old_token)
            write(connection, insert(SessionRecord), row)
            record_in(connection, Action.LOGGED_IN, "", name)
        return token

    def find(self, token: str) -> Principal | None:
        """Return the user whose session has this token, if it has not ended.

        Raises
        ------
        AccountsUnavailable
        """
        now, is_session = datetime.now(UTC), SESSIONS.c.token_digest == _digest(token)
        query = (
            select(USERS.c.name, SESSIONS.c.seen_at)
            .join_from(SESSIONS, USERS)
            .where(is_session, SESSIONS.c.created_at > now - self._lifetime, SESSIONS.c.seen_at > now - self._idle)
            .where(USERS.c.disabled_at.is_(None))
        )
        with transaction(self._engine, AccountsUnavailable) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            if row.seen_at < now - LAST_SEEN_INTERVAL:
                connection.execute(update(SessionRecord).where(is_session).values(seen_at=now))
            return Principal(name=row.name, grants=grants_of(connection, row.name))

    def user_of(self, token: str) -> str | None:
        """Return the name of the user whose session has or had this token, as long as that is known.

        Raises
        ------
        AccountsUnavailable
        """
        query = select(USERS.c.name).join_from(SESSIONS, USERS).where(SESSIONS.c.token_digest == _digest(token))
        with transaction(self._engine, AccountsUnavailable) as connection:
            return connection.execute(query).scalar_one_or_none()

    def end(self, token: str) -> None:
        """End a session.

        Raises
        ------
        AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            if (name := _end(connection, token)) is not None:
                record_in(connection, Action.LOGGED_OUT, "", name)


def _end(connection: Connection, token: str) -> str | None:
    """End a session and return its user's name; None if there is no such session."""
    is_session = SESSIONS.c.token_digest == _digest(token)
    removal = delete(SessionRecord).where(is_session, USERS.c.id == SESSIONS.c.user_id).returning(USERS.c.name)
    name = connection.execute(removal).scalar_one_or_none()
    require_none(connection, select(SESSIONS.c.token_digest).where(is_session))
    return name


def _digest(token: str) -> bytes:
    # The token has 256 random bits, so a fast hash is as good as a slow one.
    return hashlib.sha256(token.encode()).digest()
