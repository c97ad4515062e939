"""A pool that grows to what is needed, and shrinks again."""

from __future__ import annotations

import time

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool


class ShrinkingPool(QueuePool):
    """SQLAlchemy's pool, of which the connection that was used last is used first, and unused ones can be closed."""

    def close_unused(self, seconds: float) -> None:
        """Close the connections that were not used for this long."""
        while record := self._pop_unused(time.monotonic() - seconds):
            try:
                record.close()
            finally:
                self._dec_overflow()

    def _pop_unused(self, since: float) -> ConnectionPoolEntry | None:
        waiting = self._pool
        with waiting.mutex:
            # The one on the left has waited longest.
            if waiting.queue and waiting.queue[0].info.get("returned", since) < since:
                return waiting.queue.popleft()
        return None

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        record.info["returned"] = time.monotonic()
        super()._do_return_conn(record)
