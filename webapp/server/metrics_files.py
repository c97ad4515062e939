"""The files in which the workers count, one set for each place of a worker.

A worker that takes the place of a dead one goes on in its files, so that no count is lost and no file is left behind.
"""

from __future__ import annotations

import logging
import mmap
import os
from collections.abc import Iterable
from typing import Any

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import mark_process_dead

logger = logging.getLogger(__name__)

#: The place of gunicorn's master, which counts too; those of workers follow.
MASTER = 0
#: What an entry takes beside its name, at most.
MAX_ENTRY_BYTES = 40

_place = MASTER


def install() -> None:
    """Let Prometheus' client write these files; call this once, before a metric is created."""
    values.MmapedDict = AllocatedDict  # type: ignore[attr-defined]
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: _place)


def assign_place(worker: Any, others: Iterable[Any]) -> None:
    """Give a worker the first place that no other has."""
    taken = {other.place for other in others}
    worker.place = next(place for place in range(MASTER + 1, len(taken) + 2) if place not in taken)


def take_place(worker: Any) -> None:
    """Count in the place of this worker, from now on."""
    global _place
    _place = worker.place


def leave_place(worker: Any) -> None:
    """Remove the live gauges of a worker that has ended for any reason; its counters stay for the next one."""
    mark_process_dead(worker.place)


class AllocatedDict(MmapedDict):
    """A file of counts that claims its memory before it writes there, and needs no more descriptors to grow.

    A write to mapped memory that a full file system can't provide would end the process (SIGBUS). Where no memory is
    left, the counts go on in memory of the process, where no other process sees them.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        with open(filename, "ab") as file:  # noqa: PTH123
            self._is_seen = _has_room(file.fileno(), mmap.PAGESIZE)
        if not self._is_seen:
            filename = f"/proc/self/fd/{os.memfd_create('metrics')}"
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        needed = self._used + len(key.encode()) + MAX_ENTRY_BYTES
        if self._is_seen and not _has_room(self._f.fileno(), needed):
            self._leave_file()
        if needed > self._capacity:
            self._capacity = 2 * needed
            self._m.resize(self._capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _leave_file(self) -> None:
        own = mmap.mmap(-1, self._capacity, flags=mmap.MAP_PRIVATE)
        # Even reading beyond what is used would claim memory.
        own[: self._used] = self._m[: self._used]
        self._m, self._is_seen = own, False


def _has_room(file: int, size: int) -> bool:
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        logger.error("Not all requests are counted: /dev/shm has no room (%s)", error.strerror)
        return False
    return True
