"""Programs that a test may kill: python -m tests.faults.child append FOLDER [LIMIT], or replay FOLDER URL."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import create_engine

from tests.faults.rows import a_row, an_id
from tests.serving import ROOT
from webapp.database import with_driver
from webapp.errors import SpoolUnavailable
from webapp.services.prediction_log import PredictionLog
from webapp.services.spool import Replayer, Spool


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.child", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


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


def replay(folder: str, url: str) -> None:
    """Move a spool to PostgreSQL, and say how many rows each commit held."""
    log = PredictionLog(create_engine(with_driver(url)))

    def store(rows: Sequence[bytes]) -> None:
        log.store(rows)
        say(len(rows))

    Replayer(Spool(Path(folder)), store).replay(patience=60)


if __name__ == "__main__":
    {"append": append, "replay": replay}[sys.argv[1]](*sys.argv[2:])
