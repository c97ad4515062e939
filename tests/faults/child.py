"""Programs that a test may kill: python -m tests.faults.child append FOLDER [LIMIT], or replay FOLDER URL [COMMITS]."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.faults.rows import a_row, an_id
from tests.logs import a_log
from tests.serving import ROOT
from webapp.errors import SpoolUnavailable
from webapp.services.spool import Replayer, Spool


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.child", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_after(lines: int, process: subprocess.Popen[str]) -> list[str]:
    """Kill a program when it has said so many lines, and give all that it said."""
    with process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(lines)]
        process.kill()
        return said + process.stdout.read().split()


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def append(folder: str, limit: str = "") -> None:
    """Append rows one by one, and say each id when its row should be durable."""
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    spool = Spool(Path(folder))
    while True:
        id = an_id()
        try:
            spool.append([a_row(id)])
        except SpoolUnavailable:
            break
        say(id)


def replay(folder: str, url: str, commits: str = "") -> None:
    """Move a spool to PostgreSQL, and say how many rows each commit held; after so many commits, be killed."""
    log = a_log(url)
    done = 0

    def store(rows: Sequence[bytes]) -> None:
        nonlocal done
        log.store(rows)
        say(len(rows))
        done += 1
        if str(done) == commits:
            os.kill(os.getpid(), signal.SIGKILL)

    Replayer(Spool(Path(folder)), store).replay(patience=60)


if __name__ == "__main__":
    {"append": append, "replay": replay}[sys.argv[1]](*sys.argv[2:])
