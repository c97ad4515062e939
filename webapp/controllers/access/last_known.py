"""The last known principals, for authentication while the database can't be reached."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from webapp.errors import AccountsUnavailable
from webapp.helpers.accounts.roles import Principal

#: Seconds for which a principal from the database may be reused.
MAX_AGE_SECONDS = 3600.0
MAX_PRINCIPALS = 10_000


class LastKnownPrincipals:
    """Looks principals up in the database, and falls back to its last answer while it can't be reached.

    Revoking access needs the database too, and while that does not answer, one request every two seconds tries it.
    Predictions continue meanwhile, because the spool stores them.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Principal, float]] = {}

    def find(self, secret: str, look_up: Callable[[str], Principal | None]) -> Principal | None:
        """Return the principal with this secret, if there is one.

        Raises
        ------
        AccountsUnavailable
            When the database can't be reached, and did not accept this secret within the last hour.
        """
        key = hashlib.sha256(secret.encode()).digest()
        try:
            principal = look_up(secret)
        except AccountsUnavailable:
            principal, looked_up_at = self._known.get(key, (None, 0.0))
            if principal is None or time.monotonic() - looked_up_at > MAX_AGE_SECONDS:
                raise
            return principal
        self._known.pop(key, None)
        if principal:
            if len(self._known) >= MAX_PRINCIPALS:
                # The first entry is the one that was looked up the longest time ago.
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = principal, time.monotonic()
        return principal
