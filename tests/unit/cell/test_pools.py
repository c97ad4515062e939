"""webapp.cell.pools: which cells the zygote ends, and when it starts no other"""

from __future__ import annotations

import os
import signal
import socket
import time
from mmap import PAGESIZE, mmap
from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression as Unfitted

from tests.cells import cells_of, deaths, pids, zygote_with
from tests.faults.postgres import wait_until
from tests.versions.estimators import times
from webapp.cell import pools
from webapp.cell.fork import Cell
from webapp.cell.pools import FREE_DEATHS, MAX_WAIT_SECONDS, MEMORY_SECONDS, Pool
from webapp.errors import ModelProcessFailed
from webapp.services.cells.model_cells import ModelCells, _NotTaken


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pools, "time", clock)
    return clock


def test_a_few_deaths_have_no_consequence(clock: Clock) -> None:
    pool = Pool(path=Path("pool"))
    for _ in range(FREE_DEATHS - 1):
        pool.note_death("It crashed.")
    assert pool.seconds_to_wait() == 0


def test_each_further_death_doubles_the_wait_up_to_a_maximum(clock: Clock) -> None:
    pool, waits = Pool(path=Path("pool")), []
    for _ in range(FREE_DEATHS + 8):
        pool.note_death("It crashed.")
        waits.append(pool.seconds_to_wait())
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert pool.cause == "It crashed."
    clock.now += MAX_WAIT_SECONDS
    assert pool.seconds_to_wait() == 0


def test_deaths_of_long_ago_are_forgotten(clock: Clock) -> None:
    pool = Pool(path=Path("pool"))
    for _ in range(10):
        pool.note_death("It crashed.")
    clock.now += MEMORY_SECONDS + 1
    pool.note_death("It crashed.")
    assert pool.seconds_to_wait() == 0


def answer(cells: ModelCells, signature: Any) -> object:
    (answer,) = cells.predict([{"x0": 3.0}], signature)
    return answer.prediction


def test_a_cell_that_nobody_asks_ends_and_comes_back(tmp_path: Path) -> None:
    with zygote_with(idle_seconds=0.5, tick_seconds=0.1) as zygote:
        cells = cells_of(times(2), tmp_path, zygote=zygote)
        signature = cells.read().signature
        wait_until(lambda: not pids(cells), seconds=10)
        assert deaths(cells) == 0
        assert answer(cells, signature) == pytest.approx(6)


def test_a_cell_whose_file_needs_none_ends_soon_but_not_while_others_read_it(tmp_path: Path) -> None:
    with zygote_with(retired_seconds=0.5, tick_seconds=0.1) as zygote:
        cells = cells_of(times(2), tmp_path, zygote=zygote)
        cells.read()
        cells.retire()
        # Another process of the service comes to the same file meanwhile.
        signature = cells.read().signature
        time.sleep(1)
        assert answer(cells, signature) == pytest.approx(6)
        cells.retire()
        wait_until(lambda: not pids(cells), seconds=10)
        assert deaths(cells) == 0


def test_no_call_is_lost_to_a_cell_that_is_not_needed_any_more(tmp_path: Path) -> None:
    # It may have taken the call just before.
    with zygote_with(idle_seconds=0.0, tick_seconds=0.001) as zygote:
        cells = cells_of(times(2), tmp_path, zygote=zygote)
        signature = cells.read().signature
        for _ in range(60):
            try:
                assert answer(cells, signature) == pytest.approx(6)
            except ModelProcessFailed as error:
                # So quickly do they leave that sometimes none takes the call.
                assert isinstance(error.__context__, _NotTaken)
        assert deaths(cells) == 0


def test_a_cell_that_does_not_leave_is_ended(tmp_path: Path) -> None:
    limits = {"leave_seconds": 0.2, "idle_seconds": 0.2, "tick_seconds": 0.05}
    with zygote_with(**limits) as zygote:
        cells = cells_of(times(2), tmp_path, zygote=zygote)
        cells.read()
        (pid,) = pids(cells)
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: not pids(cells), seconds=10)
        assert deaths(cells) == 0


def test_a_file_that_is_refused_may_be_read_again_and_again(tmp_path: Path) -> None:
    cells = cells_of(Unfitted(), tmp_path)
    reasons = {cells.read().reason for _ in range(FREE_DEATHS + 3)}
    assert reasons == {"It is not fitted yet. Call fit before dumping it."}
    assert deaths(cells) == 0


def test_a_request_does_not_wait_for_a_cell_that_is_being_ended() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ending = Cell(pid=0, size=0, reports=ours, state=mmap(-1, PAGESIZE), is_ending=True)
        assert Pool(path=Path("pool"), cells={0: ending}).reading() is None


def test_the_cell_that_was_not_needed_for_the_longest_time_ends_for_another(tmp_path: Path) -> None:
    with zygote_with(max_cells=2) as zygote:
        first, second, third = (cells_of(times(factor), tmp_path, zygote=zygote) for factor in (1, 2, 3))
        signature = first.read().signature
        second.read()
        assert answer(first, signature) == pytest.approx(3)
        # The second was asked nothing since.
        third.read()
        wait_until(lambda: not pids(second), seconds=10)
        assert (len(pids(first)), len(pids(third)), deaths(second)) == (1, 1, 0)
        assert answer(second, signature) == pytest.approx(6)
