"""Starts the zygote of this machine, and sends it requests."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from webapp.config import ROOT
from webapp.helpers.frames import ConnectionEnded, FrameInvalid, encode_frame, receive_frame
from webapp.models.file_report import MAX_REPORT_BYTES
from webapp.services.cells.environments import Environment

SOCKET_NAME, LOCK_NAME = "zygote", "lock"
#: The file that this process and its forks have locked, so that the zygote knows when the last of them has ended.
FAMILY_NAME = "family"
#: Seconds within which a process that was started must listen, and an answer that needs no work must come.
START_SECONDS, ANSWER_SECONDS = 60.0, 30.0
MAX_ANSWER_HEADER_BYTES = 1024 * 1024
#: The only variables that the zygote inherits: where Python finds modules, and how numpy computes.
INHERITED = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PATH")
#: The address of a Unix socket has at most 107 bytes; this leaves room for the names in the folder.
MAX_FOLDER_LENGTH = 44


@cache
def shared_zygote(max_cells: int, may_be_unlocked: bool, trusted: tuple[str, ...]) -> ZygoteClient:
    """Return the one client of this process, and of those that it forks, for the zygote with these options."""
    return ZygoteClient(max_cells=max_cells, may_be_unlocked=may_be_unlocked, trusted=trusted)


class ZygoteGone(Exception):
    """The zygote has ended, or could not be started."""


class ZygoteClient:
    """Sends requests to the one zygote of this process and of all that it forks.

    The zygote is started when it is first needed, by any of them, and ends with the last of them once the process that
    made this object has ended.

    Parameters
    ----------
    trusted : Sequence of str
        The types whose modules it imports before it forks cells.
    environment : Environment, optional
        Whose Python and libraries its cells use, if it is not the service's own.
    owner : int, optional
        The process with which the zygote ends, if it is not this one.
    """

    def __init__(
        self,
        *,
        max_cells: int,
        may_be_unlocked: bool = False,
        trusted: Sequence[str] = (),
        environment: Environment | None = None,
        owner: int | None = None,
    ) -> None:
        self._owner = owner or os.getpid()
        self._program = str(environment.program) if environment else sys.executable
        modules = environment.contents.preloaded if environment else ()
        self._options = [
            f"--owner={self._owner}",
            f"--max-cells={max_cells}",
            *(["--unlocked"] if may_be_unlocked else []),
            *(["--trusted", *trusted] if trusted else []),
            *(["--modules", *modules] if modules else []),
        ]
        self._another = partial(type(self), max_cells=max_cells, may_be_unlocked=may_be_unlocked, owner=self._owner)
        self._trusted = trusted
        #: The clients of the zygotes of other environments, and of other states of the operator's own code.
        self._others: dict[str, ZygoteClient] = {}
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started_by = 0
        self._lock = threading.Lock()

    def of(self, environment: Environment) -> ZygoteClient:
        """Return the client of the zygote of another environment, for this process and all that share this one."""
        return self._other(environment.digest, lambda: self._another(environment=environment))

    def with_code(self, digest: str) -> ZygoteClient:
        """Return the client of a zygote that imports the trusted modules as they are at this digest of them.

        A zygote keeps what it has imported, so changed code needs another one.
        """
        return self._other(digest, lambda: self._another(trusted=self._trusted))

    def _other(self, digest: str, make: Callable[[], ZygoteClient]) -> ZygoteClient:
        folder = self.folder / digest[:8]
        with self._lock:
            if digest not in self._others:
                client = make()
                client._join(folder)
                self._others[digest] = client
            return self._others[digest]

    def _join(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._family = (folder / FAMILY_NAME).open("a")
        fcntl.flock(self._family, fcntl.LOCK_SH)
        return folder

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

    def prepare_fork(self) -> None:
        """Make the folder now, so that this process and its forks use the same zygote."""
        self.folder.mkdir(exist_ok=True)

    def request(
        self,
        header: Mapping[str, Any],
        file: int | None = None,
        seconds: float = ANSWER_SECONDS,
        *,
        may_start: bool = True,
    ) -> tuple[dict[str, Any], bytes]:
        """Send a request, with an open file if it needs one, and return the answer.

        Raises
        ------
        ZygoteGone
        TimeoutError
        """
        try:
            return self._send(header, file, seconds, may_start)
        except ZygoteGone:
            if not may_start:
                raise
            # It may have ended, because nothing was needed, just when this request came.
            return self._send(header, file, seconds, may_start)

    def _send(
        self, header: Mapping[str, Any], file: int | None, seconds: float, may_start: bool
    ) -> tuple[dict[str, Any], bytes]:
        with self._connected(may_start) as connection:
            try:
                frame = encode_frame(header)
                if file is None:
                    connection.sendall(frame)
                else:
                    # Even sending nothing fails if the zygote has answered and closed its end already.
                    if rest := frame[socket.send_fds(connection, [frame], [file]) :]:
                        connection.sendall(rest)
                return receive_frame(
                    connection,
                    max_header=MAX_ANSWER_HEADER_BYTES,
                    max_payload=MAX_REPORT_BYTES,
                    deadline=time.monotonic() + seconds,
                )
            except (ConnectionEnded, ConnectionError, FrameInvalid) as error:
                raise ZygoteGone from error

    @contextmanager
    def _connected(self, may_start: bool) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            address = str(self.folder / SOCKET_NAME)
            try:
                connection.connect(address)
            except OSError:
                if not may_start:
                    raise ZygoteGone from None
                self._start()
                self._connect(connection, address)
            yield connection

    def _connect(self, connection: socket.socket, address: str) -> None:
        """Connect as soon as the zygote listens."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError):
                connection.connect(address)
                return
            if time.monotonic() > deadline or self._has_failed():
                raise ZygoteGone
            time.sleep(0.01)

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

    def end(self) -> None:
        """End the zygote and its cells, whichever process started it; the next request starts another."""
        with suppress(ZygoteGone, TimeoutError, OSError):
            self.request({"request": "end"}, may_start=False)

    def close(self) -> None:
        """End the zygote and its cells, if this process started it; the next request starts another."""
        with self._lock:
            if self._process and self._started_by == os.getpid():
                self._process.terminate()
            self._reap()

    def close_others(self) -> None:
        """End the zygotes of other environments and other code that this process started."""
        while self._others:
            _, client = self._others.popitem()
            client.close()
            client._family.close()

    def _reap(self) -> None:
        if self._process and self._started_by == os.getpid():
            self._process.wait()
        self._process = None

    def _remove(self) -> None:
        if self._owner == os.getpid():
            self.close_others()
            self.close()
            self._family.close()
            shutil.rmtree(self._folder or "", ignore_errors=True)
