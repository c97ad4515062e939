"""Keeps the served models up to date with the folder and the history, in the background."""

from __future__ import annotations

import logging
import time

import psycopg

from webapp.services.background_thread import BackgroundThread, OnRound, ignore
from webapp.services.model_store import ModelStore
from webapp.services.model_store.serving_log import ServingLog

logger = logging.getLogger(__name__)

#: Seconds between two looks at the folder and the history, without a notification from PostgreSQL.
POLL_SECONDS = 0.5
#: Seconds without a new attempt after PostgreSQL was out of reach, so that the files are still watched.
RETRY_SECONDS = 2.0


class Watcher:
    """A thread that refreshes the store when PostgreSQL notifies it of a promotion, and at least twice a second."""

    def __init__(self, store: ModelStore, url: str, on_round: OnRound = ignore) -> None:
        self._store = store
        self.serving_log = ServingLog(store)
        self._url = url
        self._thread = BackgroundThread("watcher", self._refresh, on_round=on_round)
        self._connection: psycopg.Connection | None = None
        self._retry_at = 0.0

    def start(self) -> None:
        """Start to watch; call this after a fork, never before one."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait until it has ended."""
        self._thread.stop()
        self._disconnect()

    def _refresh(self) -> float:
        # Listening comes first, so that no promotion is missed between reading and listening.
        is_listening = self._listen()
        try:
            self._store.refresh(files_only=not is_listening)
            self.serving_log.note()
            self._store.prepare()
        except Exception as error:
            # Whatever it is, the served models stay in service, and the next attempt may succeed.
            logger.error("Looking for new versions failed with %s", type(error).__name__)
        return self._wait()

    def _listen(self) -> bool:
        if self._connection:
            return True
        if time.monotonic() < self._retry_at:
            return False
        try:
            self._connection = psycopg.connect(self._url, autocommit=True, connect_timeout=2, tcp_user_timeout=5000)
            self._connection.execute("LISTEN scoredesk_versions")
        except psycopg.Error as error:
            self._handle_loss(error)
        return self._connection is not None

    def _wait(self) -> float:
        """Wait briefly for a notification from PostgreSQL; return how many seconds to rest if there can't be one."""
        if not self._connection:
            return POLL_SECONDS
        try:
            for _ in self._connection.notifies(timeout=POLL_SECONDS, stop_after=1):
                pass
        except psycopg.Error as error:
            self._handle_loss(error)
        return 0.0

    def _handle_loss(self, error: psycopg.Error) -> None:
        logger.warning("PostgreSQL is out of reach (%s); the last known champions stay in use", type(error).__name__)
        self._disconnect()
        self._retry_at = time.monotonic() + RETRY_SECONDS

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()
