"""webapp.services.spool: what was appended stays, whatever happens to the process or the disk"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from tests.faults import child
from tests.faults.rows import a_row, an_id, ids, read, spooled
from tests.serving import ROOT
from webapp.errors import PredictionLogUnavailable, SpoolUnavailable
from webapp.services.spool import Spool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "spool"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    mount(mounted, "size=64k")
    yield mounted
    subprocess.run(["umount", "--lazy", mounted], check=True)


def mount(folder: Path, options: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("nothing may be mounted here")


def fill(spool: Spool) -> list[bytes]:
    """Append until the disk takes no more, and give what it took."""
    taken = []
    while True:
        row = a_row()
        try:
            spool.append([row])
        except SpoolUnavailable:
            return taken
        taken.append(row)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.journal"))


def test_it_gives_back_what_was_appended(folder: Path) -> None:
    rows = [a_row() for _ in range(5)]
    spool = Spool(folder)
    spool.append(rows[:2])
    spool.append(rows[2:])
    assert read(folder) == (rows, [])
    assert len(files(folder)) == 1


def test_nothing_is_made_before_the_first_row(folder: Path) -> None:
    spool = Spool(folder)
    assert spool.is_empty()
    assert (spool.status().rows, spool.status().oldest, spool.find(an_id()), list(spool.segments())) == (
        0,
        None,
        None,
        [],
    )
    spool.seal()
    assert not folder.parent.exists()


def test_nobody_else_may_read_it(folder: Path) -> None:
    spool = Spool(folder)
    spool.append([a_row()])
    spool.set_aside([(b"x", "torn")])
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_segment_is_replayed_only_when_nobody_adds_to_it(folder: Path) -> None:
    spool = Spool(folder)
    spool.append([a_row()])
    assert list(Spool(folder).segments()) == []
    spool.seal()
    assert [segment.path for segment in Spool(folder).segments()] == files(folder)
    spool.append([a_row()])
    assert len(files(folder)) == 2


def test_a_large_segment_is_sealed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.services.spool.writer.MAX_SEGMENT_BYTES", 2 * len(a_row()))
    spool = Spool(folder)
    for _ in range(6):
        spool.append([a_row()])
    assert len(files(folder)) == len(list(spool.segments())) == 3


def test_threads_append_at_once(folder: Path) -> None:
    spool = Spool(folder)
    rows = [[a_row() for _ in range(50)] for _ in range(8)]
    threads = [threading.Thread(target=lambda some=some: [spool.append([row]) for row in some]) for some in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found, damaged = read(folder)
    assert sorted(found) == sorted(row for some in rows for row in some)
    assert damaged == []


def test_short_writes_are_gone_on_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, data[:7]))
    rows = [a_row(), a_row()]
    Spool(folder).append(rows)
    assert read(folder) == (rows, [])


def test_after_a_failed_sync_nothing_is_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, lost, after = a_row(), a_row(), a_row()
    spool = Spool(folder)
    spool.append([before])
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", _fail)
        with pytest.raises(SpoolUnavailable):
            spool.append([lost])
    spool.append([after])
    assert read(folder) == ([before, after], [])
    assert len(files(folder)) == 2
    # The first can be replayed already.
    assert [segment.path for segment in spool.segments()] == files(folder)[:1]


def test_the_names_of_what_is_made_are_on_the_disk_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(str(Path(f"/proc/self/fd/{fd}").readlink())))
    spool = Spool(folder)
    spool.append([a_row()])
    assert synced == [str(folder.parent.parent), str(folder.parent), str(folder)]
    spool.set_aside([(b"x", "torn")])
    assert synced[3:] == [str(folder)]


def test_segments_sort_as_they_were_made(folder: Path) -> None:
    rows = [a_row() for _ in range(50)]
    for row in rows:
        spooled(folder, [row])
    assert read(folder) == (rows, [])


def test_half_a_line_is_never_added_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    before, after = a_row(), a_row()
    spool = Spool(folder)
    spool.append([before])
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", lambda fd, data: write(fd, data[:7]) if len(data) > 50 else _fail())
        broken.setattr(os, "ftruncate", _fail)
        broken.setattr(os, "fdatasync", _fail)
        with pytest.raises(SpoolUnavailable):
            spool.append([a_row()])
    spool.append([after])
    rows, damaged = read(folder)
    assert (rows, len(damaged)) == ([before, after], 1)


def test_a_failure_leaves_no_empty_segment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fdatasync", _fail)
    for _ in range(3):
        with pytest.raises(SpoolUnavailable):
            Spool(folder).append([a_row()])
    assert files(folder) == []


def _fail(*_: Any) -> int:
    raise OSError(errno.EIO, "a broken disk")


def test_a_full_disk_takes_nothing_and_keeps_what_it_has(small_disk: Path) -> None:
    spool = Spool(small_disk / "spool")
    taken = fill(spool)
    assert len(taken) > 20
    assert read(spool.folder) == (taken, [])
    with pytest.raises(SpoolUnavailable):
        spool.check()
    assert spool.status().rows == len(taken)
    for segment in spool.segments():
        segment.remove()
    row = a_row()
    spool.append([row])
    assert read(spool.folder) == ([row], [])


def test_a_file_that_may_not_grow_keeps_what_it_has(folder: Path) -> None:
    with child.start("append", folder, 20_000) as process:
        said = process.communicate(timeout=60)[0].split()
    rows, damaged = read(folder)
    assert len(said) > 20
    assert (ids(rows), damaged) == (said, [])


def test_it_says_when_the_disk_is_read_only(small_disk: Path) -> None:
    spool = spooled(small_disk / "spool", [a_row()])
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for call in (lambda: spool.append([a_row()]), spool.check, lambda: spool.set_aside([(b"x", "torn")])):
        with pytest.raises(SpoolUnavailable):
            call()
    assert spool.status().rows == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_it_says_when_it_may_not_write(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o500)
    for call in (lambda: Spool(folder).append([a_row()]), Spool(folder).check):
        with pytest.raises(SpoolUnavailable):
            call()


def test_it_says_when_there_can_be_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file")
    for call in (lambda: spool.append([a_row()]), spool.check, spool.status, lambda: spool.find(an_id())):
        # Whoever knows only of the log understands it too.
        with pytest.raises(PredictionLogUnavailable, match="so none are made"):
            call()


def test_it_can_be_checked(folder: Path) -> None:
    Spool(folder).check()
    assert list(folder.iterdir()) == []


def test_a_process_that_is_killed_loses_no_row(folder: Path) -> None:
    said = child.kill_after(200, child.start("append", folder))
    # It held a lock, which went with it.
    assert len(list(Spool(folder).segments())) == 1
    rows, damaged = read(folder)
    assert set(said) <= set(ids(rows))
    # One more may have been appended and not said, and one may be half there.
    assert len(rows) + len(damaged) <= len(said) + 1


FORK = """
import os, sys
from pathlib import Path
from tests.faults.rows import a_row
from webapp.services.spool import Spool

spool = Spool(Path(sys.argv[1]))
spool.append([a_row()])
hear, tell = os.pipe()
hear_parent, tell_child = os.pipe()
if child := os.fork():
    os.read(hear, 1)
    spool.seal()
    # The child lives still, and holds nothing of what it inherited.
    assert len(list(spool.segments())) == 1
    os.write(tell_child, b".")
    assert os.waitpid(child, 0)[1] == 0
    assert len(list(spool.segments())) == 2
else:
    os.close(tell_child)
    os.write(tell, b".")
    # It goes on when the parent says so, or has gone.
    os.read(hear_parent, 1)
    spool.append([a_row()])
    os._exit(0)
"""


def test_a_fork_has_a_segment_of_its_own(folder: Path) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", FORK, folder], cwd=ROOT, check=True, timeout=60)
    rows, damaged = read(folder)
    assert (len(rows), damaged) == (2, [])


def test_no_row_goes_into_a_segment_that_was_removed_before_it_was_locked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = fcntl.flock
    removed = []

    def lock_late(fd: int, how: int) -> None:
        """Between making and locking, let a replayer pass that removes what is empty."""
        if not removed:
            removed.extend(files(folder))
            for segment in Spool(folder).segments():
                segment.remove()
        lock(fd, how)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    row = a_row()
    Spool(folder).append([row])
    assert removed and files(folder) != removed
    assert read(folder) == ([row], [])


def test_no_row_goes_into_a_segment_that_somebody_removed(folder: Path) -> None:
    spool, row = Spool(folder), a_row()
    spool.append([a_row()])
    rmtree(folder)
    spool.append([row])
    assert read(folder) == ([row], [])


def test_it_finds_a_row_by_its_id(folder: Path) -> None:
    id, other, later = an_id(), an_id(), an_id()
    spool = spooled(folder, [a_row(), a_row(inputs={"a": str(id)}), a_row(id)])
    spool.append([a_row(other, inputs={"a": str(later)})])
    assert spool.find(id) == a_row(id)
    assert Spool(folder).find(other) == a_row(other, inputs={"a": str(later)})
    assert spool.find(later) is None


def test_it_finds_no_row_that_is_damaged(folder: Path) -> None:
    id, other = an_id(), an_id()
    spool = spooled(folder, [a_row(id), a_row(other)])
    (path,) = files(folder)
    path.write_bytes(path.read_bytes().replace(b"answered", b"rejected", 1))
    assert (spool.find(id), spool.find(other)) == (None, a_row(other))


def test_it_tells_what_waits(folder: Path) -> None:
    spool, other = Spool(folder), Spool(folder)
    spool.append([a_row(), a_row()])
    assert (spool.status().rows, other.status().rows) == (2, 2)
    other.append([a_row()])
    spool.append([a_row()])
    spool.set_aside([(b"\xff torn", "torn"), (b"x\n", "checksum")])
    status = spool.status()
    assert (status.rows, status.set_aside) == (4, 2)
    assert status.oldest is not None
    assert timedelta(0) <= datetime.now(UTC) - status.oldest < timedelta(minutes=1)
    spool.seal()
    for segment in other.segments():
        segment.remove()
    assert (spool.status().rows, other.status().rows) == (1, 1)


def test_it_counts_no_row_that_was_cut_back(folder: Path) -> None:
    spool = spooled(folder, [a_row(), a_row()])
    assert spool.status().rows == 2
    os.truncate(files(folder)[0], len(files(folder)[0].read_bytes()) // 2)
    assert spool.status().rows == 1


def test_a_file_of_another_name_is_counted_too(folder: Path) -> None:
    spool = spooled(folder, [a_row()])
    files(folder)[0].rename(folder / "brought back.journal")
    assert (spool.status().rows, spool.status().oldest) == (1, None)
