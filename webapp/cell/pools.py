"""The cells of each file, as the zygote keeps them: how many there are, and what is known of those that have ended."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from webapp.cell.fork import Cell

#: Seconds without a call after which a cell is ended, and those of a file whose answers need none.
IDLE_SECONDS, RETIRED_SECONDS = 300.0, 5.0
#: Seconds for which deaths are remembered, how many of them have no consequence, and the longest wait after others.
MEMORY_SECONDS, FREE_DEATHS, MAX_WAIT_SECONDS = 600.0, 3, 60.0
#: Seconds of processor time that a cell may use while nothing is asked of it.
MAX_IDLE_CPU_SECONDS = 1.0
#: Connections that may wait for a free cell.
BACKLOG = 1024


@dataclass(eq=False)
class Pool:
    """The cells of one file, which take calls from one socket."""

    path: Path
    cells: dict[int, Cell] = field(default_factory=dict)
    listener: socket.socket | None = None
    #: Whether nothing is expected to be asked soon.
    is_retired: bool = False
    #: When cells ended that should not have, and why the last one did.
    deaths: list[float] = field(default_factory=list)
    cause: str = ""

    def listen(self) -> socket.socket:
        """Return the socket of this pool, which is made now if it is not there."""
        if self.listener is None:
            self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.path.unlink(missing_ok=True)
            self.listener.bind(str(self.path))
            self.listener.listen(BACKLOG)
            # A cell that was woken may find that another was faster.
            self.listener.setblocking(False)
        return self.listener

    def stop_listening(self) -> None:
        """Close the socket, so that who waits there learns that no cell is left."""
        if self.listener:
            self.path.unlink(missing_ok=True)
            self.listener.close()
            self.listener = None

    def reading(self) -> Cell | None:
        """Return a cell that is still reading its file."""
        return next((cell for cell in self.cells.values() if not cell.is_ready and not cell.is_ending), None)

    def ready(self) -> list[Cell]:
        """Return the cells that take calls."""
        return [cell for cell in self.cells.values() if cell.is_ready and not cell.is_ending]

    def note_death(self, cause: str) -> None:
        """Note that a cell has ended that should not have."""
        self.cause = cause
        self.deaths = [*self.recent_deaths(), time.monotonic()]

    def seconds_to_wait(self) -> float:
        """Return for how many seconds no further cell is started, because too many have ended."""
        deaths = self.recent_deaths()
        if len(deaths) < FREE_DEATHS:
            return 0.0
        wait = min(2.0 ** (len(deaths) - FREE_DEATHS), MAX_WAIT_SECONDS)
        return max(0.0, deaths[-1] + wait - time.monotonic())

    def recent_deaths(self) -> list[float]:
        """Return when cells ended that should not have, as far back as it matters."""
        return [death for death in self.deaths if death > time.monotonic() - MEMORY_SECONDS]

    def end_call(self, call: int, seconds: float, cause: str, *, may_be_any: bool) -> None:
        """End the cell that works on a call or, if none does, those that have not taken one for this many seconds.

        If none does and it may be any, all are ended: what a hostile cell says of itself is untrue.
        """
        ready = self.ready()
        for cell in ready:
            cell.look()
        found = [cell for cell in ready if cell.call == call]
        stuck = [cell for cell in ready if time.monotonic() - cell.seen_since >= 0.9 * seconds]
        for cell in found or (ready if may_be_any else stuck):
            cell.end(cause)


class Pools:
    """All pools, by the keys of their files."""

    def __init__(self, folder: Path, *, max_cells: int) -> None:
        self._folder = folder
        self._max_cells = max_cells
        self._pools: dict[str, Pool] = {}

    def __getitem__(self, key: str) -> Pool:
        if key not in self._pools:
            self._pools[key] = Pool(path=self._folder / key[:32])
        return self._pools[key]

    def cells(self) -> list[Cell]:
        """Return all cells."""
        return [cell for pool in self._pools.values() for cell in pool.cells.values()]

    def make_room(self) -> None:
        """Let the cell leave that was not needed for the longest time, if there are as many as may live."""
        alive = [cell for cell in self.cells() if not cell.is_retired]
        for cell in alive:
            cell.look()
        idle = sorted((cell for cell in alive if cell.is_ready and not cell.call), key=lambda cell: cell.seen_since)
        for cell in idle[: max(0, len(alive) - self._max_cells + 1)]:
            cell.leave()

    def check(self) -> None:
        """Let cells leave that no call needs; end those that read too long, or compute although nothing is asked."""
        for pool in self._pools.values():
            for cell in pool.cells.values():
                cell.look()
                cell.check_reading()
                cell.check_leaving()
                if cell.is_ready and not cell.call:
                    if time.monotonic() - cell.seen_since > (RETIRED_SECONDS if pool.is_retired else IDLE_SECONDS):
                        cell.leave()
                    elif cell.cpu_seconds() - cell.cpu_seen > MAX_IDLE_CPU_SECONDS:
                        cell.end("It computed although nothing was asked.")

    def reap(self) -> Iterator[tuple[Pool, Cell, str]]:
        """Yield each cell that has ended since, with its pool and the cause."""
        for pool in self._pools.values():
            for cell in list(pool.cells.values()):
                ended, status = os.waitpid(cell.pid, os.WNOHANG)
                if ended:
                    cell.has_finished = not cell.is_ready and status == 0
                    del pool.cells[cell.pid]
                    cell.state.close()
                    yield pool, cell, cell.cause_of_death(status)
