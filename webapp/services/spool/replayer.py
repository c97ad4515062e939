"""Moves rows from the spool to PostgreSQL."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import closing

from webapp.errors import DamagedLine, PredictionLogUnavailable, RecordsWait, RowRefused, SpoolUnavailable
from webapp.services.background_thread import BackgroundThread, OnRound, ignore
from webapp.services.spool import journal
from webapp.services.spool.segments import Segment
from webapp.services.spool.spool import Spool

logger = logging.getLogger(__name__)

#: Seconds between two looks at the spool.
POLL_SECONDS = 0.5
#: Seconds without a new attempt after PostgreSQL was out of reach.
RETRY_SECONDS = 2.0
#: How many rows go to PostgreSQL in one statement.
CHUNK_ROWS = 500

Store = Callable[[Sequence[bytes]], None]


class Replayer:
    """Stores rows until they are committed, and only then removes them from the spool.

    A row may be stored more than once, because its segment is removed after the commit; ``store`` must leave
    a row that is already there as it is.
    """

    def __init__(
        self, spool: Spool, store: Store, mend: Callable[[], None] = lambda: None, on_round: OnRound = ignore
    ) -> None:
        self._spool = spool
        self._store = store
        self._mend = mend
        self._thread = BackgroundThread("replayer", self._run_once, on_round=on_round)

    def start(self) -> None:
        """Start to look for rows; call this after a fork, never before one."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, and release this process's segment to the others."""
        self._thread.stop()
        self._spool.seal()

    def replay(self, patience: float = 0.0) -> int | None:
        """Move all rows and return how many; None if another process is replaying.

        Parameters
        ----------
        patience : float
            Seconds to wait for another process that is replaying.

        Raises
        ------
        PredictionLogUnavailable
            When PostgreSQL can't be reached; rows that were not moved stay in the spool.
        """
        deadline = time.monotonic() + patience
        while not self._spool.is_empty():
            with self._spool.lock() as is_locked:
                if is_locked:
                    return self._drain()
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.1)
        return 0

    def empty(self, patience: float) -> None:
        """Move all rows, and wait until running workers have moved those that they hold.

        Raises
        ------
        RecordsWait
            When rows still wait after ``patience`` seconds.
        PredictionLogUnavailable
        """
        deadline = time.monotonic() + patience
        while self.replay(patience) is None or self._spool.status().rows:
            if time.monotonic() >= deadline:
                raise RecordsWait
            time.sleep(0.1)

    def _run_once(self) -> float:
        try:
            self._mend()
            if moved := self.replay():
                logger.warning("%d predictions were moved from the spool to PostgreSQL", moved)
        except PredictionLogUnavailable:
            # The reason was logged where it was raised.
            return RETRY_SECONDS
        except Exception as error:
            logger.error("Replaying the spool failed with %s", type(error).__name__)
            return RETRY_SECONDS
        return POLL_SECONDS

    def _drain(self) -> int:
        # This process's segment is sealed last: while PostgreSQL is out of reach, it can go on growing
        # instead of being cut into many.
        moved = self._replay_sealed()
        self._spool.seal()
        return moved + self._replay_sealed()

    def _replay_sealed(self) -> int:
        moved = 0
        with closing(self._spool.segments()) as segments:
            for segment in segments:
                try:
                    moved += self._replay_segment(segment)
                except SpoolUnavailable:
                    # This segment stays; the others need not wait for it.
                    continue
        return moved

    def _replay_segment(self, segment: Segment) -> int:
        rows, damaged = _decode_lines(segment)
        refused = []
        for start in range(0, len(rows), CHUNK_ROWS):
            refused += self._store_rows(rows[start : start + CHUNK_ROWS])
        self._spool.set_aside(damaged + refused)
        segment.remove()
        if damaged or refused:
            logger.error("%d lines of the spool were set aside", len(damaged) + len(refused))
        return len(rows) - len(refused)

    def _store_rows(self, rows: Sequence[bytes]) -> list[tuple[bytes, str]]:
        """Store the rows that PostgreSQL accepts, and return the lines of the others with the reason."""
        try:
            self._store(rows)
        except RowRefused as error:
            if len(rows) == 1:
                return [(journal.encode(rows[0]), error.reason)]
            half = len(rows) // 2
            return self._store_rows(rows[:half]) + self._store_rows(rows[half:])
        return []


def _decode_lines(segment: Segment) -> tuple[list[bytes], list[tuple[bytes, str]]]:
    rows, damaged = [], []
    for line in segment.lines():
        try:
            rows.append(journal.decode(line))
        except DamagedLine as error:
            damaged.append((line, error.reason))
    return rows, damaged
