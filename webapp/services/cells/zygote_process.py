"""Starts the zygote of this machine, and ends it."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from webapp.config import ROOT

SOCKET_NAME, LOCK_NAME = "zygote", "lock"
#: The file that this process and its forks have locked, so that the zygote knows when the last of them has ended.
FAMILY_NAME = "family"
#: Seconds within which a process that was started must listen.
START_SECONDS = 60.0
#: The only variables that the zygote inherits: where Python finds modules, and how numpy computes.
INHERITED = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PATH")
#: The address of a Unix socket has at most 107 bytes; this leaves room for the names in the folder.
MAX_FOLDER_LENGTH = 44


class ZygoteGone(Exception):
    """The zygote has ended, or could not be started."""


class ZygoteProcess:
    """The one zygote of this process and of all that it forks.

    It is started when it is first needed, by any of them, and ends with the last of them once the process that made
    this object has ended.
    """

    def __init__(self, program: str, options: Sequence[str], owner: int) -> None:
        self._program = program
        self._options = options
        self._owner = owner
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started_by = 0
        self._lock = threading.Lock()

    @property
    def folder(self) -> Path:
        """The folder of the sockets, which is made now if it is not there; only this user can enter it."""
        with self._lock:
            if self._folder is None:
                parent = tempfile.gettempdir()
                if len(parent) > MAX_FOLDER_LENGTH:
                    parent = "/tmp"  # noqa: S108  # nosec B108  # mkdtemp makes a folder of its own in it
                atexit.register(self._remove)
                return self._join(Path(tempfile.mkdtemp(prefix="scoredesk-", dir=parent)))
            return self._folder

    def _join(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._family = (folder / FAMILY_NAME).open("a")
        fcntl.flock(self._family, fcntl.LOCK_SH)
        return folder

    def prepare_fork(self) -> None:
        """Make the folder now, so that this process and its forks use the same zygote."""
        self.folder.mkdir(exist_ok=True)

    def _start(self) -> None:
        """Start the zygote, unless another process has just done so."""
        with self._lock_file():
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.connect(str(self.folder / SOCKET_NAME))
                return
            (self.folder / SOCKET_NAME).unlink(missing_ok=True)
            with self._lock:
                self._reap()
                self._started_by = os.getpid()
                # This command holds nothing from outside. -B: Python writes no compiled modules.
                self._process = subprocess.Popen(  # noqa: S603  # nosec B603
                    [self._program, "-B", "-m", "webapp.cell", str(self._folder), *self._options],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    cwd=ROOT,
                    env={name: os.environ[name] for name in INHERITED if name in os.environ},
                    # Ctrl-C is meant for the service.
                    start_new_session=True,
                )
            self._wait_until_listening()

    def _wait_until_listening(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not (self.folder / SOCKET_NAME).exists() and time.monotonic() < deadline:
            if self._has_failed():
                raise ZygoteGone
            time.sleep(0.01)

    def _has_failed(self) -> bool:
        # After a fork, the process is the child of another one.
        return self._process is not None and self._started_by == os.getpid() and self._process.poll() is not None

    @contextmanager
    def _lock_file(self) -> Iterator[None]:
        with (self.folder / LOCK_NAME).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        """End the zygote and its cells, if this process started it; the next request starts another."""
        with self._lock:
            if self._process and self._started_by == os.getpid():
                self._process.terminate()
            self._reap()

    def _reap(self) -> None:
        if self._process and self._started_by == os.getpid():
            self._process.wait()
        self._process = None

    def _remove(self) -> None:
        if self._owner == os.getpid():
            self.close()
            self._family.close()
            shutil.rmtree(self._folder or "", ignore_errors=True)
