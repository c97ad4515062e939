"""webapp.server.metrics_files"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.mmap_dict import MmapedDict

from webapp.server.metrics_files import AllocatedDict, assign_place

Open = Callable[[Path], AllocatedDict]


def kept(file: Path) -> dict[str, float]:
    return {key: value for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file))}


@pytest.fixture
def opened() -> Iterator[Open]:
    """A function that opens files of counts, which are closed in the end."""
    with ExitStack() as stack:
        yield lambda file: stack.enter_context(closing(AllocatedDict(str(file))))


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function after which the file system has no room."""

    def refuse(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda: monkeypatch.setattr(os, "posix_fallocate", refuse)


def test_a_worker_gets_the_first_place_that_is_free() -> None:
    workers = [SimpleNamespace(), SimpleNamespace(), SimpleNamespace()]
    for number, worker in enumerate(workers):
        assign_place(worker, workers[:number])
    assert [worker.place for worker in workers] == [1, 2, 3]
    replaced = SimpleNamespace()
    assign_place(replaced, [workers[0], workers[2]])
    assert replaced.place == 2


def test_who_takes_a_place_goes_on_from_what_was_counted_there(tmp_path: Path, opened: Open) -> None:
    file = tmp_path / "counter_1.db"
    opened(file).write_value("requests", 5.0, 0.0)
    again = opened(file)
    assert again.read_value("requests") == (5.0, 0.0)
    for number in range(1000):
        again.write_value(f"{number} {'x' * 100}", float(number), 0.0)
    assert (len(kept(file)), kept(file)["requests"]) == (1001, 5.0)


def test_all_that_was_written_has_its_place_in_the_file_system(tmp_path: Path, opened: Open) -> None:
    counts = opened(tmp_path / "counter_1.db")
    for number in range(300):
        counts.write_value(f"{number} {'x' * 100}", 1.0, 0.0)
        file = (tmp_path / "counter_1.db").stat()
        assert 512 * file.st_blocks >= counts._used


def test_without_room_the_counts_go_on_unseen(
    tmp_path: Path, opened: Open, full: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "counter_1.db"
    counts = opened(file)
    counts.write_value("requests", 5.0, 0.0)
    full()
    with caplog.at_level(logging.ERROR):
        counts.write_value("answers", 1.0, 0.0)
    counts.write_value("requests", 6.0, 0.0)
    for number in range(2000):
        counts.write_value(f"{number} {'x' * 100}", 1.0, 0.0)
    assert (counts.read_value("requests"), counts.read_value("answers")) == ((6.0, 0.0), (1.0, 0.0))
    assert kept(file) == {"requests": 5.0}
    assert "Not all requests are counted: /dev/shm has no room (No space left on device)" in caplog.messages


def test_without_room_from_the_start_there_is_nothing_to_see(
    tmp_path: Path, opened: Open, full: Callable[[], None]
) -> None:
    full()
    counts = opened(tmp_path / "counter_1.db")
    counts.write_value("requests", 5.0, 0.0)
    assert counts.read_value("requests") == (5.0, 0.0)
    assert (tmp_path / "counter_1.db").stat().st_size == 0
