"""Files and folders that the service relies on: what is read is whole, and what was written survives a power cut."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def read_regular(path: Path) -> bytes:
    """Read a regular file. A FIFO or a device, on which a reader could wait for ever, is an OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    with os.fdopen(fd, "rb") as file:
        return file.read()


def write_once(path: Path, text: str) -> None:
    """Write a file that only its user may read, and wait until it is on the disk; a file that exists stays as it is."""
    make_folder(path.parent)
    with NamedTemporaryFile("w", dir=path.parent) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        # A link appears whole or not at all, so processes that start at the same time agree on one file.
        with suppress(FileExistsError):
            os.link(file.name, path)
    sync_folder(path.parent)


def replace(path: Path, text: str) -> None:
    """Put a file in the place of another: at any moment the whole old one or the whole new one is there."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with new.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and its parents, unless it exists."""
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
