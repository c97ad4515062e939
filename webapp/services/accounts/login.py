"""Logging in and changing a password: attempts are limited, and refusals go to the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from webapp.errors import LoginRefused
from webapp.services.accounts.attempts import Attempts
from webapp.services.accounts.sessions import Sessions
from webapp.services.accounts.users import Authenticated, Users
from webapp.services.audit import Action, AuditLog

#: How many wrong passwords are allowed in this window, for one name and from one address.
WINDOW, MAX_BY_NAME, MAX_BY_ADDRESS = timedelta(minutes=15), 10, 50


class Login:
    """Checks the names and passwords that people enter."""

    def __init__(self, *, users: Users, sessions: Sessions, attempts: Attempts, audit: AuditLog) -> None:
        self._users = users
        self._sessions = sessions
        self._attempts = attempts
        self._audit = audit

    def log_in(self, name: str, password: str, *, address: str, old_token: str | None) -> str:
        """Begin a session and return its token.

        Raises
        ------
        LoginRefused
            When no user has this name and password; the refusal is written to the audit log.
        TooManyAttempts, AccountsUnavailable, AuditUnavailable
        """
        with self._refusal_recorded(Action.LOGIN_REFUSED, None):
            user = self._authenticate(name, password, address)
            return self._sessions.begin(user, name.casefold(), old_token)

    def change_password(self, name: str, password: str, new_password: str, *, address: str) -> None:
        """Change the password of a person who knows the old one, and end all their sessions.

        Raises
        ------
        LoginRefused
            When the old password is wrong; the refusal is written to the audit log.
        PasswordRefused, TooManyAttempts, AccountsUnavailable, AuditUnavailable
        """
        with self._refusal_recorded(Action.CHANGE_REFUSED, name):
            self._authenticate(name, password, address)
        self._users.set_password(name, new_password, actor=name)

    @contextmanager
    def _refusal_recorded(self, action: Action, actor: str | None) -> Iterator[None]:
        try:
            yield
        except LoginRefused:
            self._audit.record(action, "", actor)
            raise

    def _authenticate(self, name: str, password: str, address: str) -> Authenticated:
        """Check a password, unless there were too many wrong ones.

        Each attempt is counted as a wrong one before the check, because the check takes long enough for many other
        attempts to begin. A right password resets the count of its name, but not that of its address: otherwise
        a user could go on guessing the passwords of others.
        """
        by_address, by_name = f"login from {address}", f"login {name.casefold()}"
        self._attempts.count({by_address: MAX_BY_ADDRESS, by_name: MAX_BY_NAME}, WINDOW)
        user = self._users.authenticate(name, password)
        self._attempts.forget(by_name, WINDOW)
        self._attempts.take_back(by_address, WINDOW)
        return user
