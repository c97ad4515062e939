"""What becomes of the zygote and its cells when the service, or the zygote, is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.postgres import wait_until
from webapp.config import ROOT

#: A service with two cells, one of which computes.
OWNER = """
import json, sys, threading
from contextlib import suppress
from pathlib import Path
from tests.cells import ZYGOTE, cells_of, pids
from tests.unit.cell.misbehaving import SLEEP, TRUSTED, Obedient
folder = Path(sys.argv[1])
idle, busy = (cells_of(Obedient(), folder, trusted=TRUSTED, seconds=600) for _ in range(2))
signature = [cells.read().signature for cells in (idle, busy)][0]
thread = threading.Thread(target=lambda: busy.predict([{"x0": SLEEP}], signature), daemon=True)
thread.start()
print(json.dumps([str(ZYGOTE.folder), ZYGOTE._process.pid, *pids(idle), *pids(busy)]), flush=True)
sys.stdin.read()
"""


class Family:
    """A process that owns a zygote with cells."""

    def __init__(self, owner: subprocess.Popen[bytes]) -> None:
        assert owner.stdout is not None
        folder, *pids = json.loads(owner.stdout.readline())
        self.owner, self.folder = owner, Path(folder)
        self.zygote, *self.cells = map(psutil.Process, pids)

    def has_ended(self) -> bool:
        return all(map(has_ended, [self.zygote, *self.cells]))


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    owner = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        yield Family(owner)
    finally:
        owner.kill()
        owner.wait()
        for stream in (owner.stdin, owner.stdout):
            assert stream is not None
            stream.close()


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_they_end_with_a_service_that_ends(family: Family) -> None:
    assert len(family.cells) == 2
    assert not family.has_ended()
    assert family.owner.stdin is not None
    family.owner.stdin.close()
    assert family.owner.wait(30) == 0
    wait_until(family.has_ended, seconds=15)
    assert not family.folder.exists()


def test_they_end_with_a_service_that_is_killed(family: Family) -> None:
    family.owner.kill()
    wait_until(family.has_ended, seconds=15)
    wait_until(lambda: not family.folder.exists(), seconds=15)


def test_cells_end_with_a_zygote_that_is_killed(family: Family) -> None:
    family.zygote.kill()
    wait_until(lambda: all(map(has_ended, family.cells)), seconds=15)
