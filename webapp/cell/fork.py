"""Forks a cell from the zygote, and watches it from there."""

from __future__ import annotations

import mmap
import os
import resource
import select
import signal
import socket
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.cell.process import LEAVE, STATE, FileChanged, Task, run
from webapp.helpers.frames import HEAD, MARK
from webapp.helpers.parent_death import signal_on_parent_death
from webapp.models.file_limits import max_cpu_seconds, max_seconds
from webapp.models.file_report import MAX_REPORT_BYTES
from webapp.models.signature.input_types import read_types

#: The statuses with which a cell ends that could not lock itself, or got another file.
NOT_LOCKED_STATUS, FILE_CHANGED_STATUS = 3, 4
CAUSES = {NOT_LOCKED_STATUS: "Its process could not be locked.", FILE_CHANGED_STATUS: "Its file has changed."}
#: What a cell may report in all: the file without and with the estimator, and once more after probing.
MAX_REPORTS = 3
MAX_REPORTS_BYTES = MAX_REPORTS * MAX_REPORT_BYTES
#: Seconds after which a cell that was asked to leave is ended: one that says it works on a call, and any other.
MAX_CALL_SECONDS, LEAVE_SECONDS = 60.0, 5.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(eq=False)
class Cell:
    """A cell as the zygote sees it."""

    pid: int
    size: int
    reports: socket.socket
    state: mmap.mmap
    #: The requests that wait until it has read its file.
    waiting: list[socket.socket] = field(default_factory=list)
    received: bytearray = field(default_factory=bytearray)
    is_ready: bool = False
    #: Why the zygote or a caller ended it; None if it ends by itself.
    cause: str | None = None
    #: Since when it has been asked to leave, because nothing needs it; None if it has not.
    leaving_since: float | None = None
    #: Whether it is about to end, for any reason.
    is_ending: bool = False
    #: Whether it ended by itself after it had reported on its file, which can't be served.
    has_finished: bool = False
    started: float = field(default_factory=time.monotonic)
    #: What it worked on when it was last looked at, since when, and how much processor time it had used then.
    seen: tuple[int, int] = (0, 0)
    seen_since: float = field(default_factory=time.monotonic)
    cpu_seen: float = 0.0

    def look(self) -> None:
        """Note what it is working on now."""
        now = STATE.unpack_from(self.state)
        if now != self.seen:
            self.seen, self.seen_since = now, time.monotonic()
            self.cpu_seen = self.cpu_seconds()

    @property
    def call(self) -> int:
        """The id of the call that it works on, by its own account; 0 if there is none."""
        return int(STATE.unpack_from(self.state)[0])

    def cpu_seconds(self) -> float:
        """Return how much processor time it has used."""
        with suppress(OSError, IndexError, ValueError):
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
        return 0.0

    @property
    def is_retired(self) -> bool:
        """Whether it was asked to leave."""
        return self.leaving_since is not None

    def leave(self) -> None:
        """Ask it to end as soon as it works on no call; one that it has just taken would be lost if it were ended."""
        if not self.is_ending:
            self.state[LEAVE], self.leaving_since, self.is_ending = 1, time.monotonic(), True

    def check_leaving(self) -> None:
        """End it if it was asked to leave and does not."""
        seconds = MAX_CALL_SECONDS if self.call else LEAVE_SECONDS
        if self.leaving_since is not None and time.monotonic() > self.leaving_since + seconds:
            self.end()

    def end(self, cause: str | None = None) -> None:
        """End it at once; the zygote is told when it has ended."""
        self.cause, self.is_ending = self.cause or cause, True
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def check_reading(self) -> None:
        """End it if it takes too long to read its file."""
        if self.is_ready:
            return
        if time.monotonic() > self.started + max_seconds(self.size):
            self.end(f"The check took longer than {max_seconds(self.size)} seconds.")
        elif self.cpu_seconds() > max_cpu_seconds(self.size):
            self.end(f"The check took longer than {max_cpu_seconds(self.size)} seconds of processor time.")

    def receive(self) -> bool:
        """Receive what it reports; return whether it has reported all."""
        try:
            part = self.reports.recv(1 << 20)
        except OSError:
            part = b""
        self.received += part
        if len(self.received) > MAX_REPORTS_BYTES:
            self.end("It reported too much.")
            return True
        return not part

    def last_report(self) -> tuple[bytes, bool]:
        """Return the last whole report, which is empty if there is none, and whether the cell said that it is ready."""
        report, place = b"", 0
        for _ in range(MAX_REPORTS + 1):
            if len(self.received) - place < HEAD.size:
                break
            mark, header_size, size = HEAD.unpack_from(self.received, place)
            start = place + HEAD.size + header_size
            if mark != MARK or start + size > len(self.received):
                break
            if not size:
                return report, True
            report, place = bytes(self.received[start : start + size]), start + size
        return report, False

    def cause_of_death(self, status: int) -> str:
        """Return in a sentence why it has ended."""
        if self.cause:
            return self.cause
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) in CAUSES:
            return CAUSES[os.WEXITSTATUS(status)]
        number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if number == signal.SIGKILL:
            return "Its process was killed. The machine may be short of memory."
        if number == signal.SIGSYS:
            return "It tried something that no model needs, and was ended."
        return "Its process crashed."


def fork_cell(header: Mapping[str, Any], file: int, listener: socket.socket, *, readable: tuple[Path, ...]) -> Cell:
    """Fork a cell that reads a file."""
    ours, theirs = socket.socketpair()
    state = mmap.mmap(-1, mmap.PAGESIZE)
    zygote, pid = os.getpid(), os.fork()
    if pid == 0:
        task = Task(
            file=file,
            size=header["size"],
            digest=header["digest"],
            trusted=tuple(header["trusted"]),
            probed=None if header["probed"] is None else read_types(header["probed"]),
            listener=listener,
            waiting=_waiting_for(listener),
            reports=theirs,
            state=state,
            readable=readable,
        )
        _become(task, zygote)
    theirs.close()
    # Otherwise the cells that are forked after this one could change what the zygote thinks of it.
    if hasattr(mmap, "MADV_DONTFORK"):
        state.madvise(mmap.MADV_DONTFORK)
    return Cell(pid=pid, size=header["size"], reports=ours, state=state)


def _waiting_for(listener: socket.socket) -> select.epoll:
    """Return where a cell waits so that Linux wakes the one that worked last, whose caches are still warm."""
    waiting = select.epoll()
    waiting.register(listener, select.EPOLLIN | select.EPOLLEXCLUSIVE)
    return waiting


def _become(task: Task, zygote: int) -> None:
    """Become the cell, and never return."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if signal_on_parent_death(signal.SIGKILL, zygote):
            _keep_only(task.file, task.listener.fileno(), task.waiting.fileno(), task.reports.fileno())
            run(task)
        status = 0
    except OSError:
        status = NOT_LOCKED_STATUS
    except FileChanged:
        status = FILE_CHANGED_STATUS
    except BaseException:
        # Once the cell is locked, this goes to the null device.
        traceback.print_exc()
    finally:
        os._exit(status)


def _keep_only(*descriptors: int) -> None:
    last = 2
    for descriptor in sorted(descriptors):
        os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
