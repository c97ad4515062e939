"""Adding to the spool: each process writes to a segment of its own."""

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

from webapp.helpers.uuid7 import SEQUENCE_SIZE, uuid7
from webapp.services.spool import disk

#: A segment of this size is sealed, so that it can be replayed and removed.
SEGMENT_SIZE = 4 * 1024 * 1024

_writers: WeakSet[Writer] = WeakSet()


class Writer:
    """Appends to one segment, which is locked as long as more may come.

    The kernel drops the lock of a process that was killed: whoever can lock a segment may replay it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._path = folder
        _writers.add(self)

    def append(self, data: bytes) -> None:
        """Add data; when this returns, it is on the disk."""
        with self._lock:
            try:
                size = disk.append(self._open(), data)
            except BaseException:
                # After an error nobody knows what the disk has, so nothing is ever added behind it.
                self._abandon()
                raise
            if size >= SEGMENT_SIZE:
                self._close()

    def seal(self) -> None:
        """Let go of the segment, so that it can be replayed; the next append makes another."""
        with self._lock:
            self._close()

    def forget(self) -> None:
        """Close what a fork inherited, which would else keep the parent's segment locked."""
        self._lock = threading.Lock()
        self._close()

    def _open(self) -> int:
        # A replayer that locks a new segment first finds it empty and removes it.
        while self._fd is None or not os.fstat(self._fd).st_nlink:
            self._close()
            disk.make_folder(self._folder, 0o700)
            self._path = self._folder / f"{_now()}.journal"
            self._fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            disk.sync_folder(self._folder)
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


def _now() -> UUID:
    """An id whose sequence tells the part of the millisecond, so that segments sort as they were made."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    return uuid7(milliseconds, rest * SEQUENCE_SIZE // 1_000_000, secrets.randbits(62))


def _forget() -> None:
    for writer in _writers:
        writer.forget()


os.register_at_fork(after_in_child=_forget)
