"""Sends requests to the zygote of this machine, which is started when it is first needed."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import Any

from webapp.helpers.frames import ConnectionEnded, FrameInvalid, encode_frame, receive_frame
from webapp.models.file_report import MAX_REPORT_BYTES
from webapp.services.cells.environments import Environment
from webapp.services.cells.zygote_process import SOCKET_NAME, START_SECONDS, ZygoteGone, ZygoteProcess

#: Seconds within which an answer that needs no work must come.
ANSWER_SECONDS = 30.0
MAX_ANSWER_HEADER_BYTES = 1024 * 1024


@cache
def shared_zygote(max_cells: int, may_be_unlocked: bool, trusted: tuple[str, ...]) -> ZygoteClient:
    """Return the one client of this process, and of those that it forks, for the zygote with these options."""
    return ZygoteClient(max_cells=max_cells, may_be_unlocked=may_be_unlocked, trusted=trusted)


class ZygoteClient(ZygoteProcess):
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
        owner = owner or os.getpid()
        modules = environment.contents.preloaded if environment else ()
        options = [
            f"--owner={owner}",
            f"--max-cells={max_cells}",
            *(["--unlocked"] if may_be_unlocked else []),
            *(["--trusted", *trusted] if trusted else []),
            *(["--modules", *modules] if modules else []),
        ]
        super().__init__(str(environment.program) if environment else sys.executable, options, owner)
        self._another = partial(type(self), max_cells=max_cells, may_be_unlocked=may_be_unlocked, owner=owner)
        self._trusted = trusted
        #: The clients of the zygotes of other environments, and of other states of the operator's own code.
        self._others: dict[str, ZygoteClient] = {}

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

    def end(self) -> None:
        """End the zygote and its cells, whichever process started it; the next request starts another."""
        with suppress(ZygoteGone, TimeoutError, OSError):
            self.request({"request": "end"}, may_start=False)

    def close_others(self) -> None:
        """End the zygotes of other environments and other code that this process started."""
        while self._others:
            _, client = self._others.popitem()
            client.close()
            client._family.close()

    def _remove(self) -> None:
        if self._owner == os.getpid():
            self.close_others()
        super()._remove()
