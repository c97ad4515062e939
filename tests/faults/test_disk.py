"""PostgreSQL is away, and the disk of the spool is full, or there is no spool."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Serve
from tests.faults.load import Load
from tests.faults.postgres import Postgres, wait_until

REFUSED = {
    "error": "Predictions can't be recorded right now, so none are made. Please try again in a moment.",
    "errors": [],
    "status": 503,
}


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Mount a disk that is this small, where that is allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root may mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def assert_sent_away(load: Load) -> None:
    """Whoever was not answered was told so, and when to come again, and got nothing else."""
    for told, retry_after in load.refusals:
        assert told.pop("request_id")
        assert (told, retry_after) == (REFUSED, "5")


def test_the_disk_is_full(serve: Serve, postgres: Postgres, tmp_path: Path, nothing_is_lost: Any) -> None:
    disk = tmp_path / "disk"
    with mounted(disk, "256k"), serve(spool_dir=disk / "spool") as server:
        with Load(server.url) as load:
            postgres.stop()
            wait_until(lambda: load.statuses[503] > 20)
            answered = len(load.answers)
            subprocess.run(["mount", "-o", "remount,size=512k", str(disk)], check=True)
            wait_until(lambda: load.more_than(answered + 100))
            # It is full again, until what waits has been moved.
            sent_away = load.statuses[503]
            wait_until(lambda: load.statuses[503] > sent_away + 20)
            answered = len(load.answers)
            postgres.start()
            wait_until(lambda: load.more_than(answered + 100))
        assert set(load.statuses) == {200, 503}
        assert_sent_away(load)
        nothing_is_lost(load.answers, disk / "spool")


def test_there_is_no_spool(serve: Serve, postgres: Postgres, spool_dir: Path, nothing_is_lost: Any) -> None:
    with serve(log_policy="required") as server:
        with Load(server.url) as load:
            wait_until(lambda: load.more_than(20))
            postgres.stop()
            wait_until(lambda: load.statuses[503] > 20)
            postgres.start()
            answered = len(load.answers)
            wait_until(lambda: load.more_than(answered + 20))
        assert set(load.statuses) == {200, 503}
        assert_sent_away(load)
        assert not spool_dir.exists()
        nothing_is_lost(load.answers)
