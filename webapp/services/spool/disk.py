"""Durable writes: when a function returns, its data is on the disk."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from webapp.errors import SpoolUnavailable

logger = logging.getLogger(__name__)


def append(fd: int, data: bytes) -> int:
    """Append data to a file and return its new size; after an error, none of the data is left in the file."""
    before = os.fstat(fd).st_size
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(fd, rest) :]
        os.fdatasync(fd)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(fd, before)
            os.fdatasync(fd)
        raise
    return before + len(data)


@contextmanager
def locked(path: Path, flags: int) -> Iterator[bool]:
    """Lock a file or folder during the block; yield False if another process holds the lock or the path is gone."""
    try:
        fd = os.open(path, flags)
    except FileNotFoundError:
        yield False
        return
    try:
        yield _lock(fd)
    finally:
        os.close(fd)


def _lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Raise SpoolUnavailable in place of an error of the operating system.

    Raises
    ------
    SpoolUnavailable
    """
    try:
        yield
    except OSError as error:
        logger.error("SpoolUnavailable: %s", errno.errorcode.get(error.errno or 0, "unknown"))
        raise SpoolUnavailable from error
