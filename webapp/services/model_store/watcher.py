"""Keeps what is served in step with the folder and the history, in the background."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg

from webapp.services.background import BackgroundThread
from webapp.services.model_store import ModelStore

logger = logging.getLogger(__name__)

#: At least so often everything is looked at, whatever was heard.
POLL_SECONDS = 0.5
#: After PostgreSQL was out of reach, it is left alone for so long, so that the files are still watched.
RETRY_SECONDS = 2.0
#: When nothing was loaded for so long, what loading needs is let go; files often come in rows.
REST_SECONDS = 60.0


class Watcher:
    """A thread that refreshes the store when PostgreSQL tells of a promotion, and anyhow twice a second."""

    def __init__(self, store: ModelStore, url: str, rest: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._rest = rest
        self._url = url
        self._thread = BackgroundThread("watcher", self._look)
        self._listening: psycopg.Connection | None = None
        self._retry_at = 0.0

    def start(self) -> None:
        """Begin to watch; call it after a fork, never before one."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait until it has ended."""
        self._thread.stop()
        self._hang_up()

    def _look(self) -> float:
        # Listening comes first, so that nothing is missed between looking and listening.
        reachable = self._listen()
        try:
            self._store.refresh(files_only=not reachable)
            self._store.prepare()
            if self._store.idle_seconds > REST_SECONDS:
                self._rest()
        except Exception as error:
            # Whatever it is, what is served goes on, and the next look may fare better.
            logger.error("Looking for new versions failed with %s", type(error).__name__)
        return self._wait()

    def _listen(self) -> bool:
        if self._listening:
            return True
        if time.monotonic() < self._retry_at:
            return False
        try:
            self._listening = psycopg.connect(self._url, autocommit=True, connect_timeout=2, tcp_user_timeout=5000)
            self._listening.execute("LISTEN scoredesk_versions")
        except psycopg.Error as error:
            self._lost(error)
        return self._listening is not None

    def _wait(self) -> float:
        """Wait for a word from PostgreSQL, but not for long, and tell how long to rest without one."""
        if not self._listening:
            return POLL_SECONDS
        try:
            for _ in self._listening.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass
        except psycopg.Error as error:
            self._lost(error)
        return 0.0

    def _lost(self, error: psycopg.Error) -> None:
        logger.warning("PostgreSQL is out of reach (%s); the last known champions stay", type(error).__name__)
        self._hang_up()
        self._retry_at = time.monotonic() + RETRY_SECONDS

    def _hang_up(self) -> None:
        connection, self._listening = self._listening, None
        if connection:
            connection.close()
