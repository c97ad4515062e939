"""Whom the database let in lately, for as long as it can't be asked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from webapp.errors import AccountsUnavailable
from webapp.helpers.accounts.roles import Principal

SECONDS = 3600.0
MOST = 10_000


class LastKnownPrincipals:
    """Asks the database each time, and only while that is out of reach goes by what it said last.

    Nobody can be shut out meanwhile, because that too is written there; and predictions go on,
    as the spool takes them.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Principal, float]] = {}

    def ask(self, secret: str, find: Callable[[str], Principal | None]) -> Principal | None:
        """Give who has this secret, if anybody has.

        Raises
        ------
        AccountsUnavailable
            When the database can't be asked, and let nobody in with this within an hour.
        """
        key = hashlib.sha256(secret.encode()).digest()
        try:
            found = find(secret)
        except AccountsUnavailable:
            principal, seen = self._known.get(key, (None, 0.0))
            if principal is None or time.monotonic() - seen > SECONDS:
                raise
            return principal
        self._known.pop(key, None)
        if found:
            if len(self._known) >= MOST:
                # The first is the one that was not seen for the longest time.
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = found, time.monotonic()
        return found
