"""A pool that grows to what is needed, and shrinks again."""

from __future__ import annotations

import time
from contextlib import suppress

from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlalchemy.util.queue import Empty


class ShrinkingPool(QueuePool):
    """SQLAlchemy's pool, of which the connection that was used last is used first, and unused ones can be closed."""

    def close_unused(self, seconds: float) -> None:
        """Close the connections that were not used for this long."""
        since = time.monotonic() - seconds
        idle = self._take_all()
        unused = [record for record in idle if record.info.get("returned", since) < since]
        for record in reversed(idle):
            if record not in unused:
                self._pool.put(record, False)
        for record in unused:
            try:
                record.close()
            finally:
                self._dec_overflow()

    def _take_all(self) -> list[ConnectionPoolEntry]:
        """Take all connections that nobody uses, that which was used last first."""
        idle = []
        with suppress(Empty):
            while True:
                idle.append(self._pool.get(False))
        return idle

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        record.info["returned"] = time.monotonic()
        super()._do_return_conn(record)
