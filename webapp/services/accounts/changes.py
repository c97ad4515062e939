"""Changes of users: one at a time, and none that leaves nobody who could undo it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, exists, select, text

from webapp.database.tables.accounts import GrantRecord, PasswordLinkRecord, UserRecord
from webapp.database.transactions import transaction
from webapp.errors import AccountsUnavailable, LastAdmin
from webapp.helpers.accounts.roles import Role

GRANTS, USERS, LINKS = GrantRecord.__table__, UserRecord.__table__, PasswordLinkRecord.__table__
#: Held while users are changed, so that two admins can't disable each other at the same time.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('users'))")


class UserChanges:
    """Opens the transactions in which users are changed.

    Parameters
    ----------
    by_proxy : bool
        Whether a trusted proxy names people, so that an admin needs no password here.
    """

    def __init__(self, engine: Engine, by_proxy: bool = False) -> None:
        self._engine = engine
        self._by_proxy = by_proxy

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Run the block in a transaction; roll it back if it takes away the last admin of all models.

        Raises
        ------
        LastAdmin, AccountsUnavailable
        """
        with transaction(self._engine, AccountsUnavailable) as connection:
            connection.execute(LOCK)
            had_admin = self._has_admin(connection)
            yield connection
            if had_admin and not self._has_admin(connection):
                raise LastAdmin

    def _has_admin(self, connection: Connection) -> bool:
        """Return whether somebody has the role admin for all models and can get in."""
        is_theirs = USERS.c.name == GRANTS.c.name
        if self._by_proxy:
            can_enter = ~exists().where(is_theirs, USERS.c.disabled_at.is_not(None))
        else:
            has_no_password = exists().where(LINKS.c.user_id == USERS.c.id, LINKS.c.is_first)
            can_enter = exists().where(is_theirs, USERS.c.disabled_at.is_(None), ~has_no_password)
        is_admin = [GRANTS.c.role == Role.ADMIN.word, GRANTS.c.model.is_(None)]
        return bool(connection.execute(select(exists().where(*is_admin, can_enter))).scalar_one())
