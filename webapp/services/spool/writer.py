"""Writes to the spool: each process has its own segment."""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID
from weakref import WeakSet

from webapp.durability import make_folder, sync_folder
from webapp.helpers.uuid7 import SEQUENCE_SIZE, uuid7
from webapp.services.spool import disk

#: Size at which a segment is sealed, so that it can be replayed and removed.
MAX_SEGMENT_BYTES = 4 * 1024 * 1024

_writers: WeakSet[Writer] = WeakSet()


class Writer:
    """Appends to one segment, which stays locked while more rows may follow.

    The kernel drops the lock of a killed process, so a process that can lock a segment may replay it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._path = folder
        _writers.add(self)

    def append(self, data: bytes) -> None:
        """Append data; when this returns, it is on the disk."""
        with self._lock:
            try:
                size = disk.append(self._open(), data)
            except BaseException:
                # After an error the state of the disk is unknown, so nothing more is added to this segment.
                self._abandon()
                raise
            if size >= MAX_SEGMENT_BYTES:
                self._close()

    def seal(self) -> None:
        """Close the segment, so that it can be replayed; the next append creates another."""
        with self._lock:
            self._close()

    def forget(self) -> None:
        """Close the segment that a fork inherited, which would otherwise keep the parent's segment locked."""
        self._lock = threading.Lock()
        self._close()

    def _open(self) -> int:
        # A replayer that locks a new segment first finds it empty and removes it.
        while self._fd is None or not os.fstat(self._fd).st_nlink:
            self._close()
            make_folder(self._folder, 0o700)
            self._path = self._folder / f"{_new_id()}.journal"
            self._fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            sync_folder(self._folder)
        return self._fd

    def _abandon(self) -> None:
        with suppress(OSError):
            if self._fd is not None and os.fstat(self._fd).st_size == 0:
                self._path.unlink()
        self._close()

    def _close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            with suppress(OSError):
                os.close(fd)


def _new_id() -> UUID:
    """Return an id whose sequence is the fraction of the millisecond, so that segments sort by their creation."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    return uuid7(milliseconds, rest * SEQUENCE_SIZE // 1_000_000, secrets.randbits(62))


def _forget_all() -> None:
    for writer in _writers:
        writer.forget()


os.register_at_fork(after_in_child=_forget_all)
