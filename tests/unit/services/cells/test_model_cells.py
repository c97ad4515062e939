"""webapp.services.cells.model_cells: what becomes of calls when a cell misbehaves, or is made to."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import joblib
import pytest
from sklearn.linear_model import LinearRegression

from tests.cells import ZYGOTE, cells_of, deaths, pids
from tests.faults.postgres import wait_until
from tests.gate.child import in_child
from tests.unit.cell.misbehaving import CRASH, DOZE, FAIL, NOT_FINITE, SLEEP, TRUSTED, Obedient
from webapp.errors import (
    EstimatorFailed,
    ModelPaused,
    ModelProcessFailed,
    ModelTooSlow,
    NotServableYet,
    PredictionFailed,
)
from webapp.services.cells import model_cells
from webapp.services.cells.model_cells import ModelCells
from webapp.services.cells.zygote import ZygoteClient
from webapp.types import Signature


class Model:
    """The cells of an estimator that obeys its input."""

    def __init__(
        self, folder: Path, *, zygote: ZygoteClient = ZYGOTE, max_cells: int = 1, seconds: float = 20.0
    ) -> None:
        self.cells: ModelCells = cells_of(
            Obedient(), folder, zygote=zygote, max_cells=max_cells, seconds=seconds, trusted=TRUSTED
        )
        report = self.cells.read()
        assert report.reason is None
        assert report.signature is not None
        self.signature: Signature = report.signature

    def ask(self, number: float, seconds: float | None = None) -> object:
        (answer,) = self.cells.predict([{"x0": number}], self.signature, seconds)
        return answer.prediction

    @property
    def pid(self) -> int:
        (pid,) = pids(self.cells)
        return pid


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    model = Model(tmp_path)
    yield model
    model.cells.retire()


def test_it_answers(model: Model) -> None:
    assert [model.ask(number) for number in (7, 8)] == [7, 8]
    assert deaths(model.cells) == 0


def test_an_error_is_told_by_its_kind_alone(model: Model) -> None:
    pid = model.pid
    with pytest.raises(EstimatorFailed) as raised:
        model.ask(FAIL)
    assert raised.value.kind == "ValueError"
    assert "word" not in str(raised.value)
    assert (model.ask(7), model.pid) == (7, pid)


def test_a_number_that_is_not_finite_is_no_answer_and_no_reason_to_end_the_cell(model: Model) -> None:
    pid = model.pid
    with pytest.raises(PredictionFailed, match="not a finite number"):
        model.ask(NOT_FINITE)
    assert (model.ask(7), model.pid) == (7, pid)


def test_a_call_on_which_a_cell_crashes_fails_and_the_next_is_answered(model: Model) -> None:
    with pytest.raises(ModelProcessFailed):
        model.ask(CRASH)
    assert model.ask(7) == 7
    assert deaths(model.cells) >= 1


def test_a_cell_that_was_killed_while_it_was_idle_is_replaced_within_the_call(model: Model) -> None:
    before = model.pid
    os.kill(before, signal.SIGKILL)
    assert model.ask(7) == 7
    assert model.pid != before


def test_a_cell_that_is_killed_while_it_computes_fails_that_call_alone(model: Model) -> None:
    with ThreadPoolExecutor(1) as pool:
        before, asked = model.pid, pool.submit(model.ask, SLEEP)
        # The call is asked once more of another cell if no cell may have taken it.
        while not asked.done():
            with suppress(ProcessLookupError):
                os.kill(before, signal.SIGKILL)
            time.sleep(0.05)
            before = next(iter(pids(model.cells)), before)
        with pytest.raises(ModelProcessFailed):
            asked.result(20)
    wait_until(lambda: _is_answered(model))


def _is_answered(model: Model) -> bool:
    with suppress(ModelPaused):
        return model.ask(7) == 7
    return False


def test_a_call_that_takes_too_long_ends_its_cell(model: Model) -> None:
    before = model.pid
    with pytest.raises(ModelTooSlow):
        model.ask(SLEEP, 0.5)
    wait_until(lambda: before not in pids(model.cells))
    assert model.ask(7) == 7


def test_a_cell_that_was_stopped_is_ended_once_a_call_has_waited_for_it(model: Model) -> None:
    before = model.pid
    os.kill(before, signal.SIGSTOP)
    time.sleep(0.5)
    with pytest.raises(ModelTooSlow):
        model.ask(7, 0.5)
    wait_until(lambda: before not in pids(model.cells))
    assert model.ask(7) == 7


def test_a_model_that_crashes_again_and_again_is_paused(model: Model) -> None:
    with pytest.raises(
        ModelPaused, match=r"has ended \d+ times\. Its process crashed\. It is started again in \d+ seconds"
    ):
        for _ in range(6):
            with suppress(ModelTooSlow):
                _crash(model)
    # The wait is short at first.
    wait_until(lambda: _is_answered(model))


def test_a_pause_is_no_verdict_on_the_file(model: Model) -> None:
    with suppress(ModelPaused):
        for _ in range(6):
            _crash(model)
    with pytest.raises(NotServableYet, match=r"Its process crashed\. It is started again in \d+ seconds\.$"):
        model.cells.read()


def _crash(model: Model) -> None:
    try:
        model.ask(CRASH)
    except ModelPaused:
        raise
    except ModelProcessFailed:
        return


def test_a_call_that_waits_for_a_busy_cell_has_another_one_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_cells, "GROW_SECONDS", 0.1)
    model = Model(tmp_path, max_cells=2)
    assert len(pids(model.cells)) == 1
    with ThreadPoolExecutor(2) as pool:
        sleeping = pool.submit(model.ask, SLEEP, 15.0)
        time.sleep(0.3)
        assert pool.submit(model.ask, 7, 10.0).result(20) == 7
        assert len(pids(model.cells)) == 2
        assert not sleeping.done()
        for pid in pids(model.cells):
            os.kill(pid, signal.SIGKILL)
        model.cells.retire()


def test_there_are_never_more_cells_than_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_cells, "GROW_SECONDS", 0.05)
    model = Model(tmp_path, max_cells=2)
    with ThreadPoolExecutor(6) as pool:
        assert [each.result(30) for each in [pool.submit(model.ask, DOZE) for _ in range(6)]] == [DOZE] * 6
    assert 1 <= len(pids(model.cells)) <= 2
    model.cells.retire()


def test_each_of_many_gets_its_own_answer(tmp_path: Path) -> None:
    model = Model(tmp_path, max_cells=2)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(model.ask, range(200))) == list(range(200))
    model.cells.retire()


def test_everything_comes_back_after_the_zygote_was_killed(tmp_path: Path) -> None:
    zygote = ZygoteClient(max_cells=4, trusted=("tests.unit.cell.misbehaving.Misbehaving",))
    try:
        model = Model(tmp_path, zygote=zygote)
        before = model.pid
        assert zygote._process is not None
        os.kill(zygote._process.pid, signal.SIGKILL)
        zygote._process.wait()
        assert wait_until(lambda: _is_answered_again(model))
        assert model.pid != before
    finally:
        zygote._remove()


def _is_answered_again(model: Model) -> bool:
    # A call that was on its way when the zygote ended may fail.
    with suppress(ModelProcessFailed):
        return model.ask(7) == 7
    return False


def test_a_zygote_that_may_have_other_code_than_its_name_says_is_ended(tmp_path: Path) -> None:
    zygote = ZygoteClient(max_cells=4)
    try:
        cells = cells_of(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), tmp_path, zygote=zygote)
        # The code is changed while the zygote is started, and changed back.
        states = chain([True, False], repeat(True))
        cells._file = replace(cells._file, has_its_code=lambda: next(states))
        with pytest.raises(NotServableYet, match="is being changed"):
            cells.read()
        first = zygote._process
        assert first is not None
        assert first.wait(timeout=20) == 0
        assert cells.read().reason is None
        assert zygote._process is not first
    finally:
        zygote._remove()


def test_processes_share_the_cells(model: Model) -> None:
    before = model.pid
    assert in_child(lambda: model.ask(7), seconds=20) == 7
    assert model.pid == before


def test_a_file_that_was_changed_is_not_read_for_another(tmp_path: Path) -> None:
    model = Model(tmp_path)
    (path,) = tmp_path.glob("*.joblib")
    joblib.dump(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), path)
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(ModelProcessFailed):
        model.ask(7)


def test_it_leaves_no_descriptor_and_no_thread_behind(model: Model) -> None:
    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    model.ask(7)
    before = held()
    for _ in range(20):
        model.ask(7)
        with suppress(EstimatorFailed):
            model.ask(FAIL)
    assert held() == before
