"""Files and folders that are written so that they are on the disk, and whole, whenever the power fails."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


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
    """Put a file that only its user may read in the place of another: each moment the whole old or new one is there."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
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
