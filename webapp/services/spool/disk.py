"""Writing so that it stays: what returns from here is on the disk."""

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


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it, unless it is there."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def append(fd: int, data: bytes) -> int:
    """Add data to a file and give its new size; whatever goes wrong, nothing of the data is left."""
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
    """Lock a file or a folder inside the block, and tell whether it could be: not if another has it or it is gone."""
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
    """Turn what the operating system refuses into an error of ours.

    Raises
    ------
    SpoolUnavailable
    """
    try:
        yield
    except OSError as error:
        logger.error("SpoolUnavailable: %s", errno.errorcode.get(error.errno or 0, "unknown"))
        raise SpoolUnavailable from error
