"""Who is logged in: a random token in a cookie, and what it stands for in the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, insert, select, update

from webapp.database.accounts import SessionRecord, UserRecord
from webapp.database.transactions import transaction
from webapp.errors import AccountsUnavailable
from webapp.helpers.access import Principal
from webapp.services.accounts.grants import grants_of

SESSIONS, USERS = SessionRecord.__table__, UserRecord.__table__
#: That a session was used is written down no more often than this.
SEEN_EVERY = timedelta(minutes=1)


class Sessions:
    """Begins, finds and ends sessions; each worker asks the database, so an ended one is over everywhere."""

    def __init__(self, engine: Engine, idle: timedelta, lifetime: timedelta) -> None:
        self._engine = engine
        self._idle = idle
        self._lifetime = lifetime

    def begin(self, user_id: UUID, old_token: str | None = None) -> str:
        """Begin a session and give its new token; whatever the browser had before is over.

        Raises
        ------
        AccountsUnavailable
        """
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        row = {"token_digest": _digest(token), "user_id": user_id, "created_at": now, "seen_at": now}
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(delete(SessionRecord).where(SESSIONS.c.created_at < now - self._lifetime))
            if old_token:
                connection.execute(delete(SessionRecord).where(SESSIONS.c.token_digest == _digest(old_token)))
            connection.execute(insert(SessionRecord), row)
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
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(delete(SessionRecord).where(SESSIONS.c.token_digest == _digest(token)))


def _digest(token: str) -> bytes:
    # The token has 256 random bits, so that a quick hash is as good as a slow one.
    return hashlib.sha256(token.encode()).digest()
