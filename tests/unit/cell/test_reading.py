"""What becomes of a file that harms, or would harm, while its cell reads it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import joblib
import pytest

from tests.cells import LOADER, cells_of, loader, pids, zygote_with
from tests.faults.postgres import wait_until
from tests.gate import hostile_names
from tests.unit.cell.misbehaving import TRUSTED, Crashing, Greedy, Sleeping, Writing, ways_to_write
from webapp.cell.lock import available
from webapp.services.cells.zygote import ZygoteClient

HOSTILE = {
    **hostile_names.OBJECT_ARRAYS,
    **hostile_names.STATES,
    **hostile_names.PREFIXES,
    **hostile_names.DOTTED,
    **hostile_names.CODES,
    **hostile_names.SHADOWS,
    **hostile_names.CHANGES,
    **hostile_names.ARGUMENTS,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "before"
    (folder / "inner").mkdir(parents=True)
    (folder / "file").write_text("as before")
    return folder


def state(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return what is in a folder, and when each was changed; the folders themselves too."""
    paths = [folder, *folder.rglob("*")]
    return {
        str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in paths
    }


@pytest.fixture(scope="module")
def brief_zygote() -> Iterator[ZygoteClient]:
    """A zygote that gives files two seconds."""
    with zygote_with(cpu_seconds=2, max_slowdown=1) as zygote:
        yield zygote


WAYS = range(len(ways_to_write(Path())))


@pytest.mark.skipif(not available().is_locked, reason="this Linux can lock no process")
@pytest.mark.parametrize("way", WAYS)
def test_a_model_changes_nothing_while_it_is_read(folder: Path, tmp_path: Path, way: int) -> None:
    joblib.dump(Writing(str(folder), way), tmp_path / "writing.joblib")
    before = state(folder)
    check = loader(trusted_types=TRUSTED).check(tmp_path / "writing.joblib", model="writing")
    # It either went on without, or was ended for it.
    assert check.reason in (None, "It tried something that no model needs, and was ended.")
    assert state(folder) == before


@pytest.mark.parametrize("way", WAYS)
def test_each_way_works_without_the_lock(folder: Path, way: int) -> None:
    before = state(folder)
    Writing(str(folder), way).predict([[0]])
    assert state(folder) != before


def test_a_hostile_file_that_is_read_changes_nothing(folder: Path, tmp_path: Path) -> None:
    files = {what: make(str(folder / f"sentinel-{number}")) for number, (what, make) in enumerate(HOSTILE.items())}
    before, path = state(folder), tmp_path / "hostile.joblib"
    reasons = {}
    for what, data in files.items():
        path.write_bytes(data)
        reasons[what] = LOADER.check(path, model="hostile").reason
    assert [what for what, reason in reasons.items() if reason is None] == []
    assert state(folder) == before


REASONS = {
    Sleeping: "The check took longer than 2 seconds.",
    Crashing: "Its process crashed.",
    Greedy: "It needs more memory than its size allows.",
}


@pytest.mark.parametrize(("kind", "reason"), REASONS.items())
def test_what_time_or_memory_decided_is_not_final(
    kind: type, reason: str, tmp_path: Path, brief_zygote: ZygoteClient
) -> None:
    report = cells_of(kind(), tmp_path, zygote=brief_zygote, trusted=TRUSTED).read()
    assert (report.reason, report.is_final) == (reason, False)


def test_neither_is_what_a_signal_decided(tmp_path: Path) -> None:
    cells = cells_of(Sleeping(), tmp_path, trusted=TRUSTED)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(cells.read)
        (pid,) = wait_until(lambda: pids(cells))
        os.kill(pid, signal.SIGKILL)
        report = reading.result(20)
    assert (report.reason, report.is_final) == ("Its process was killed. The machine may be short of memory.", False)


def test_the_report_on_a_file_that_is_simply_refused_is_final(tmp_path: Path) -> None:
    (tmp_path / "none.joblib").write_bytes(b"no pickle")
    check = LOADER.check(tmp_path / "none.joblib", model="none")
    assert check.reason
    assert check.is_final
