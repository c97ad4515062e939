"""Who may use the service: people with a password, scripts with an API key; and how often each may try."""

from __future__ import annotations

from webapp.services.accounts.attempts import Attempts
from webapp.services.accounts.changes import UserChanges
from webapp.services.accounts.keys import Key, Keys
from webapp.services.accounts.login import Login
from webapp.services.accounts.password_links import PasswordLink, PasswordLinks
from webapp.services.accounts.sessions import Sessions
from webapp.services.accounts.users import User, Users

__all__ = [
    "Attempts",
    "Key",
    "Keys",
    "Login",
    "PasswordLink",
    "PasswordLinks",
    "Sessions",
    "User",
    "UserChanges",
    "Users",
]
