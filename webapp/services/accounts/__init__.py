"""Who may ask: people with a password, scripts with a key, and how often either may try."""

from __future__ import annotations

from webapp.services.accounts.attempts import Attempts
from webapp.services.accounts.keys import Key, Keys, id_of
from webapp.services.accounts.sessions import Sessions
from webapp.services.accounts.users import User, Users

__all__ = ["Attempts", "Key", "Keys", "Sessions", "User", "Users", "id_of"]
