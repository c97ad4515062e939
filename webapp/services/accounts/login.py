"""Logging in and changing a password: attempts are limited, and refusals go to the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from webapp.errors import LoginRefused, LoginsBusy
from webapp.helpers.accounts.addresses import counted_network
from webapp.services.accounts.attempts import Attempts
from webapp.services.accounts.sessions import Sessions
from webapp.services.accounts.users import Authenticated, Users
from webapp.services.audit import Action, AuditLog

#: How many wrong passwords are allowed in this window, for one name from one address, and from one address.
WINDOW, MAX_BY_NAME_AND_ADDRESS, MAX_BY_ADDRESS = timedelta(minutes=15), 10, 50
#: How many for one name from all addresses, except those from which its user logged in during the last days.
MAX_BY_NAME, KNOWN_DAYS = 100, 30
#: How many people may log in or change their password at once in one worker, unless that is too large a part of its
#: threads. Passwords are checked one after the other, each for some 50 ms.
MAX_AT_ONCE, THREADS_FOR_EACH = 4, 4


class Login:
    """Checks the names and passwords that people enter."""

    def __init__(self, *, users: Users, sessions: Sessions, attempts: Attempts, audit: AuditLog, threads: int) -> None:
        self._users = users
        self._sessions = sessions
        self._attempts = attempts
        self._audit = audit
        self._turns = BoundedSemaphore(max(1, min(MAX_AT_ONCE, threads // THREADS_FOR_EACH)))

    def log_in(self, name: str, password: str, *, address: str, old_token: str | None) -> str:
        """Begin a session and return its token.

        Raises
        ------
        LoginRefused
            When no user has this name and password; the refusal is written to the audit log.
        LoginsBusy
            When too many others are logging in.
        TooManyAttempts, AccountsUnavailable, AuditUnavailable
        """
        with self._turn(), self._refusal_recorded(Action.LOGIN_REFUSED, None):
            user = self._authenticate(name, password, address)
            return self._sessions.begin(user, name.casefold(), old_token)

    def change_password(self, name: str, password: str, new_password: str, *, address: str) -> None:
        """Change the password of a person who knows the old one, and end all their sessions.

        Raises
        ------
        LoginRefused
            When the old password is wrong; the refusal is written to the audit log.
        LoginsBusy
            When too many others are logging in.
        PasswordRefused, TooManyAttempts, AccountsUnavailable, AuditUnavailable
        """
        with self._turn():
            with self._refusal_recorded(Action.CHANGE_REFUSED, name):
                self._authenticate(name, password, address)
            self._users.set_password(name, new_password, actor=name)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let a few threads check passwords or wait to do so, and refuse others at once."""
        if not self._turns.acquire(blocking=False):
            raise LoginsBusy
        try:
            yield
        finally:
            self._turns.release()

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
        attempts to begin. A right password resets the count of its name at its address, and is not counted for either
        alone: otherwise a user could go on guessing the passwords of others. Where the user logged in lately, wrong
        passwords from elsewhere don't count, so that strangers can't keep the user out.
        """
        name, network = name.casefold(), counted_network(address)
        by_address, by_both, by_name = f"login from {network}", f"login {name} from {network}", f"login {name}"
        limits = {by_address: MAX_BY_ADDRESS, by_both: MAX_BY_NAME_AND_ADDRESS}
        if not self._attempts.remembers(f"known {by_both}"):
            limits[by_name] = MAX_BY_NAME
        self._attempts.count(limits, WINDOW)
        user = self._users.authenticate(name, password)
        self._attempts.forget(by_both, WINDOW)
        for subject in limits.keys() - {by_both}:
            self._attempts.take_back(subject, WINDOW)
        self._attempts.remember(f"known {by_both}", KNOWN_DAYS)
        return user
