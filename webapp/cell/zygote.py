"""The zygote: a process that has imported the libraries and nothing else, and forks each cell from itself.

It never reads a file and never computes, because a fork of a process that has computed may hang in OpenMP. It passes
on what cells report without looking at it. Each request of the service is one connection to its socket.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import shutil
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from webapp.cell.fork import Cell, fork_cell
from webapp.cell.lock import available
from webapp.cell.pools import Pool, Pools
from webapp.cell.zygote_connections import receive_request, send_answer
from webapp.helpers.frames import ConnectionEnded, FrameInvalid

#: Seconds between two looks at the cells while one reads its file, and at other times.
READING_TICK_SECONDS, IDLE_TICK_SECONDS = 0.1, 2.0
#: Seconds after which this process ends because it has no cells; the service starts it again.
IDLE_SECONDS = 60.0
#: The file in the folder that the owner and its forks have locked.
FAMILY_NAME = "family"


class Zygote:
    """Answers the requests of the service.

    Parameters
    ----------
    owner : int
        The process with which this one ends.
    """

    def __init__(
        self, folder: Path, *, owner: int, max_cells: int, may_be_unlocked: bool, readable: tuple[Path, ...]
    ) -> None:
        self._folder = folder
        self._owner = owner
        self._has_ended = self._is_unwanted = False
        self._pools = Pools(folder, max_cells=max_cells)
        self._may_start = available().is_locked or may_be_unlocked
        self._readable = readable
        self._selector = selectors.DefaultSelector()

    def serve(self, listener: socket.socket) -> None:
        """Answer requests until the owner ends, or nothing was needed for a while."""
        self._selector.register(listener, selectors.EVENT_READ, lambda: self._accept(listener))
        woken, wake = socket.socketpair()
        for end in (woken, wake):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(woken, selectors.EVENT_READ, lambda: woken.recv(4096))
        self._watch_owner()
        used = time.monotonic()
        while not self._has_ended and not self._is_unwanted and time.monotonic() < used + IDLE_SECONDS:
            if self._pools.cells():
                used = time.monotonic()
            is_reading = any(not cell.is_ready for cell in self._pools.cells())
            self._turn(READING_TICK_SECONDS if is_reading else IDLE_TICK_SECONDS)
        if self._has_ended:
            self._finish()

    def _turn(self, seconds: float) -> None:
        """Do what there is to do, after waiting for it for at most this many seconds."""
        for key, _ in self._selector.select(seconds):
            key.data()
        for pool, cell, cause in self._pools.reap():
            self._bury(pool, cell, cause)
        self._pools.check()

    def _finish(self) -> None:
        """Go on until the last fork of the owner has ended: it may still answer requests after its owner was killed."""
        # Where the owner has removed the folder, no fork of it is left.
        with suppress(FileNotFoundError), (self._folder / FAMILY_NAME).open("a") as family:
            while not _is_free(family):
                self._turn(READING_TICK_SECONDS)

    def _watch_owner(self) -> None:
        try:
            self._owner_ended = os.pidfd_open(self._owner)
        except ProcessLookupError:
            self._has_ended = True
        else:
            self._selector.register(self._owner_ended, selectors.EVENT_READ, self._end)

    def _end(self) -> None:
        self._has_ended = True
        self._selector.unregister(self._owner_ended)

    def close(self) -> None:
        """End all cells, and remove the sockets."""
        for cell in self._pools.cells():
            cell.end()
        if self._has_ended:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        file: int | None = None
        try:
            header, file = receive_request(connection)
            answer = REQUESTS[header["request"]](self, header, file, connection)
        except (OSError, ConnectionEnded, FrameInvalid, TimeoutError, KeyError, MemoryError) as error:
            answer = {"state": "failed", "cause": type(error).__name__}
        finally:
            if file is not None:
                os.close(file)
        if answer:
            send_answer(connection, answer)

    def open(self, header: Mapping[str, Any], file: int | None, connection: socket.socket) -> dict[str, Any] | None:
        """Answer when a cell of a file is ready, which is started now if there is none."""
        pool = self._pools[header["key"]]
        pool.is_retired = False
        is_known = header["probed"] is not None
        if pool.ready() and is_known:
            return {"state": "ready"}
        reading = pool.reading() if is_known or not pool.ready() else None
        started = reading or self._start(pool, header, file)
        if isinstance(started, Cell):
            started.waiting.append(connection)
            return None
        return started

    def grow(self, header: Mapping[str, Any], file: int | None, _connection: socket.socket) -> dict[str, Any]:
        """Start one more cell of a file, if there are less than asked for and none is being started."""
        pool = self._pools[header["key"]]
        if pool.reading() is None and len(pool.cells) < header["cells"]:
            self._start(pool, header, file)
        return {"state": "started"}

    def _start(self, pool: Pool, header: Mapping[str, Any], file: int | None) -> Cell | dict[str, Any]:
        if seconds := pool.seconds_to_wait():
            return {"state": "waiting", "seconds": seconds, "deaths": len(pool.recent_deaths()), "cause": pool.cause}
        if not self._may_start:
            return {"state": "unlocked"}
        if file is None:
            raise FrameInvalid
        self._pools.make_room()
        cell = fork_cell(header, file, pool.listen(), readable=self._readable)
        pool.cells[cell.pid] = cell
        self._selector.register(cell.reports, selectors.EVENT_READ, lambda: self._receive(pool, cell))
        return cell

    def _receive(self, pool: Pool, cell: Cell) -> None:
        if not cell.receive():
            return
        self._selector.unregister(cell.reports)
        cell.reports.close()
        report, is_ready = cell.last_report()
        if is_ready and not cell.cause:
            cell.is_ready, cell.seen_since = True, time.monotonic()
            self._answer(cell, {"state": "ready"}, report)
        # Otherwise it has ended, or is about to.

    def _bury(self, pool: Pool, cell: Cell, cause: str) -> None:
        """Note that a cell has ended, and tell those who wait for it."""
        while not cell.is_ready and cell.reports.fileno() >= 0:
            self._receive(pool, cell)
        report, _ = cell.last_report()
        is_expected = cell.is_retired or (cell.has_finished and report)
        if not is_expected and (cell.is_ready or cell.waiting):
            pool.note_death(cause)
        self._answer(cell, {"state": "died", "cause": cause}, report)
        if not pool.cells:
            pool.stop_listening()

    def _answer(self, cell: Cell, answer: dict[str, Any], report: bytes) -> None:
        cell.received.clear()
        for connection in cell.waiting:
            send_answer(connection, answer, report)
        cell.waiting.clear()

    def end_call(self, header: Mapping[str, Any], _file: int | None, _connection: socket.socket) -> dict[str, Any]:
        """End the cell that works on a call."""
        pool = self._pools[header["key"]]
        pool.end_call(header["call"], header["seconds"], header["cause"], may_be_any=header["may_be_any"])
        return {"state": "ended"}

    def retire(self, header: Mapping[str, Any], _file: int | None, _connection: socket.socket) -> dict[str, Any]:
        """End the cells of a file soon, unless another process of the service asks them something."""
        self._pools[header["key"]].is_retired = True
        return {"state": "ended"}

    def end(self, _header: Mapping[str, Any], _file: int | None, _connection: socket.socket) -> dict[str, Any]:
        """End all cells and this process: it has imported code that has changed."""
        self._is_unwanted = True
        return {"state": "ended"}

    def status(self, header: Mapping[str, Any], _file: int | None, _connection: socket.socket) -> dict[str, Any]:
        """Return which cells a file has, and how many have ended that should not have."""
        pool = self._pools[header["key"]]
        return {"state": "alive", "cells": [*pool.cells], "deaths": len(pool.recent_deaths()), "cause": pool.cause}


Answer = Callable[[Zygote, Mapping[str, Any], int | None, socket.socket], dict[str, Any] | None]
REQUESTS: dict[str, Answer] = {
    "open": Zygote.open,
    "grow": Zygote.grow,
    "end call": Zygote.end_call,
    "end": Zygote.end,
    "retire": Zygote.retire,
    "status": Zygote.status,
}


def _is_free(file: IO[str]) -> bool:
    """Return whether no process has locked a file."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
