"""Who is logged in: a random token in a cookie, and what it stands for in the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update

from webapp.database.tables.accounts import SessionRecord, UserRecord
from webapp.database.transactions import transaction
from webapp.errors import AccountsUnavailable, LoginRefused
from webapp.helpers.accounts.roles import Principal
from webapp.services.accounts.grants import grants_of
from webapp.services.accounts.users import Authenticated
from webapp.services.audit import Action, record_in

SESSIONS, USERS = SessionRecord.__table__, UserRecord.__table__
#: That a session was used is written down no more often than this.
SEEN_EVERY = timedelta(minutes=1)


class Sessions:
    """Begins, finds and ends sessions; each worker asks the database, so an ended one is over everywhere."""

    def __init__(self, engine: Engine, idle: timedelta, lifetime: timedelta) -> None:
        self._engine = engine
        self._idle = idle
        self._lifetime = lifetime

    def begin(self, user: Authenticated, name: str, old_token: str | None = None) -> str:
        """Begin a session and return its new token; whatever session the browser had before ends.

        Raises
        ------
        LoginRefused
            When the password was changed, or the user disabled, since it was compared.
        AccountsUnavailable
        """
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        row = {"token_digest": _digest(token), "user_id": user.id, "created_at": now, "seen_at": now}
        # A change of the password waits for this lock, and then ends this session with all others.
        still = select(USERS.c.id).where(USERS.c.id == user.id, USERS.c.password_hash == user.password_hash)
        still = still.where(USERS.c.disabled_at.is_(None)).with_for_update(read=True)
        with transaction(self._engine, AccountsUnavailable) as connection:
            if connection.execute(still).one_or_none() is None:
                raise LoginRefused
            connection.execute(delete(SessionRecord).where(SESSIONS.c.created_at < now - self._lifetime))
            if old_token:
                connection.execute(delete(SessionRecord).where(SESSIONS.c.token_digest == _digest(old_token)))
            connection.execute(insert(SessionRecord), row)
            record_in(connection, Action.LOGGED_IN, "", name)
        return token

    def find(self, token: str) -> Principal | None:
        """Give who is logged in with this token, if that has not ended.

        Raises
        ------
        AccountsUnavailable
        """
        now, which = datetime.now(UTC), SESSIONS.c.token_digest == _digest(token)
        query = (
            select(USERS.c.name, SESSIONS.c.seen_at)
            .join_from(SESSIONS, USERS)
            .where(which, SESSIONS.c.created_at > now - self._lifetime, SESSIONS.c.seen_at > now - self._idle)
            .where(USERS.c.disabled_at.is_(None))
        )
        with transaction(self._engine, AccountsUnavailable) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            if row.seen_at < now - SEEN_EVERY:
                connection.execute(update(SessionRecord).where(which).values(seen_at=now))
            return Principal(name=row.name, grants=grants_of(connection, row.name))

    def end(self, token: str) -> None:
        """End a session.

        Raises
        ------
        AccountsUnavailable
        """
        which = SESSIONS.c.token_digest == _digest(token), USERS.c.id == SESSIONS.c.user_id
        with transaction(self._engine, AccountsUnavailable) as connection:
            ended = connection.execute(delete(SessionRecord).where(*which).returning(USERS.c.name))
            if (name := ended.scalar_one_or_none()) is not None:
                record_in(connection, Action.LOGGED_OUT, "", name)


def _digest(token: str) -> bytes:
    # The token has 256 random bits, so that a quick hash is as good as a slow one.
    return hashlib.sha256(token.encode()).digest()
