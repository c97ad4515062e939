"""The postmaster of a data directory: how it is recognised, waited for and stopped.

The directory names it by a number. After a crash that number may be another process's, which must neither be taken
for PostgreSQL nor be stopped.
"""

from __future__ import annotations

import signal
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from webapp.errors import EmbeddedPostgresError

LOCK_FILE = "postmaster.pid"
#: Recovery after a crash may take minutes, and so may writing everything to a slow disk at the end.
START_SECONDS = 300
STOP_SECONDS = 60
CLOCK_TOLERANCE_SECONDS = 60
#: The name of a folder for a socket that can't be in the data directory begins so.
SOCKET_FOLDER = "scoredesk-socket-"


@dataclass(frozen=True)
class Postmaster:
    """A postmaster that accepts connections."""

    process: psutil.Process
    port: str
    socket_folder: str

    @property
    def url(self) -> str:
        """The URL of its database."""
        return f"postgresql://postgres@/postgres?host={quote(self.socket_folder)}&port={self.port}"


def running(directory: Path, lock_file: str = LOCK_FILE) -> psutil.Process | None:
    """Return the process that a lock file of this data directory names, if it is the directory's postmaster.

    Raises
    ------
    OSError
        If the file exists and can't be read.
    """
    lines = _lines(directory / lock_file)
    try:
        process = psutil.Process(int(lines[0]))
        if not _names(process.cmdline(), directory):
            return None
        fits = abs(process.create_time() - int(lines[2])) < CLOCK_TOLERANCE_SECONDS
        # If somebody set the clock, or resumed the virtual machine, all processes seem to have started at other times.
        return process if fits or _listens(process, _socket(lines)) else None
    except (IndexError, ValueError, psutil.Error):
        return None


def when_ready(directory: Path, process: psutil.Process) -> Postmaster | None:
    """Wait until a postmaster accepts connections, and return it; None if it ends before.

    Raises
    ------
    EmbeddedPostgresError
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        lines = _lines(directory / LOCK_FILE)
        if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].startswith("ready"):
            if _socket(lines).exists():
                return Postmaster(process, lines[3], lines[4])
            break
        with suppress(psutil.TimeoutExpired):
            process.wait(0.05)
            return None
    raise EmbeddedPostgresError(
        f"A PostgreSQL (process {process.pid}) runs on {directory}, but can't be connected to. "
        f"Stop it, and start again: kill -INT {process.pid}"
    )


def stop(directory: Path) -> None:
    """Stop the postmaster of this directory, if it runs, and wait until it has written everything."""
    if process := running(directory):
        lines = _lines(directory / LOCK_FILE)
        with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            process.send_signal(signal.SIGINT)
            process.wait(STOP_SECONDS)
            _remove_socket_folder(lines)


def remove_leftovers(directory: Path) -> None:
    """Remove the lock files of a postmaster that was killed.

    PostgreSQL does not start as long as any process of its user has the number in one of them.
    """
    for path in (directory / LOCK_FILE, *directory.glob(".s.PGSQL.*.lock")):
        lines = _lines(path)
        if not running(directory, path.name):
            path.unlink(missing_ok=True)
            _remove_socket_folder(lines)


def _remove_socket_folder(lines: list[str]) -> None:
    if len(lines) > 4 and Path(lines[4]).name.startswith(SOCKET_FOLDER):
        with suppress(OSError):
            for path in (_socket(lines), _socket(lines).with_name(f"{_socket(lines).name}.lock")):
                path.unlink(missing_ok=True)
            Path(lines[4]).rmdir()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode(errors="surrogateescape").split("\n")
    except FileNotFoundError:
        return []


def _names(command: list[str], directory: Path) -> bool:
    """Return whether a command line starts PostgreSQL on this data directory."""
    try:
        return Path(command[0]).name == "postgres" and directory.samefile(command[command.index("-D") + 1])
    except (IndexError, ValueError, OSError):
        return False


def _listens(process: psutil.Process, path: Path) -> bool:
    """Return whether it is this process that listens on a socket, as the kernel tells whoever connects."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
        except OSError:
            return False
        pid, _, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        return bool(pid == process.pid)


def _socket(lines: list[str]) -> Path:
    """Return the socket that a lock file names."""
    return Path(lines[4]) / f".s.PGSQL.{lines[3]}"
