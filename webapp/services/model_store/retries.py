"""When versions are tried again that could not be served for a reason that may pass."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.served import Retry, ServedModel, UnservedModel

#: Seconds before the second attempt; each further attempt waits twice as long as the one before, up to the maximum.
FIRST_RETRY_SECONDS = 60.0
MAX_RETRY_SECONDS = 3600.0


class Retries:
    """Counts attempts; a file that harms each time must not do so all the time."""

    def __init__(self) -> None:
        #: Of each version the number of attempts, and when the next one is due.
        self._attempts: dict[VersionFile, tuple[int, float]] = {}

    def is_due(self, file: VersionFile) -> bool:
        """Return whether a version has to be tried again now."""
        return file in self._attempts and time.monotonic() >= self._attempts[file][1]

    def note(self, file: VersionFile, entry: ServedModel | UnservedModel) -> ServedModel | UnservedModel:
        """Note how an attempt ended; return the entry with a sentence that says when the next one is."""
        attempts, _ = self._attempts.pop(file, (0, 0.0))
        if isinstance(entry, ServedModel) or entry.retry is Retry.NEVER:
            return entry
        if entry.retry is Retry.AT_ONCE:
            self._attempts[file] = attempts, time.monotonic()
            return entry
        seconds = min(FIRST_RETRY_SECONDS * 2**attempts, MAX_RETRY_SECONDS)
        self._attempts[file] = attempts + 1, time.monotonic() + seconds
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        return replace(entry, reason=f"{entry.reason} It is tried again at {moment:%H:%M:%S} UTC.")

    def keep(self, files: Collection[VersionFile]) -> None:
        """Forget all versions but these."""
        self._attempts = {file: attempt for file, attempt in self._attempts.items() if file in files}
