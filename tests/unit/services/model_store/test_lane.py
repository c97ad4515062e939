"""webapp.services.model_store.lane"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from webapp.errors import DeadlineExceeded, TooBusy, Unavailable
from webapp.services.model_store.lane import Lane, Limits
from webapp.services.model_store.slow_calls import FREE_THREADS, SlowCalls

LIMITS = Limits(batch=8, waiting=100, patience=20, slow_calls=SlowCalls(threads=16))


class Desk:
    """Work that doubles numbers, remembers what came together, and can be held up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()

    def work(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.entered.release()
        assert self.gate.wait(20)
        return [2 * item for item in items]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def lane() -> Lane:
    return Lane()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class Crowd:
    """People who ask one after the other, each in a thread of their own."""

    def __init__(self, lane: Lane, desk: Desk, pool: ThreadPoolExecutor) -> None:
        self.lane, self.desk, self.pool = lane, desk, pool

    def leads(self, item: int, limits: Limits = LIMITS) -> Future[int]:
        """Ask, and be at work before this returns."""
        asked = self.pool.submit(self.lane.run, item, 1, self.desk.work, limits)
        assert self.desk.entered.acquire(timeout=20)
        return asked

    def waits(self, item: int, size: int = 1, limits: Limits = LIMITS) -> Future[int]:
        """Ask, and stand in line before this returns."""
        before = len(self.lane._queue)
        asked = self.pool.submit(self.lane.run, item, size, self.desk.work, limits)
        until(lambda: len(self.lane._queue) == before + 1)
        return asked


@pytest.fixture
def crowd(lane: Lane, desk: Desk) -> Any:
    with ThreadPoolExecutor(40) as pool:
        yield Crowd(lane, desk, pool)
        desk.gate.set()


def test_one_alone_waits_for_nobody(lane: Lane, desk: Desk) -> None:
    assert [lane.run(item, 1, desk.work, LIMITS) for item in (1, 2)] == [2, 4]
    assert desk.batches == [[1], [2]]


def test_those_who_come_meanwhile_go_together(crowd: Crowd, desk: Desk) -> None:
    desk.gate.clear()
    asked = [crowd.leads(0), *(crowd.waits(item) for item in range(1, 6))]
    desk.gate.set()
    assert [each.result(20) for each in asked] == [0, 2, 4, 6, 8, 10]
    assert desk.batches == [[0], [1, 2, 3, 4, 5]]


def test_a_batch_is_never_larger_than_its_limit(crowd: Crowd, desk: Desk) -> None:
    desk.gate.clear()
    asked = [crowd.leads(0), crowd.waits(1, size=5), crowd.waits(2, size=4), crowd.waits(3), crowd.waits(4, size=50)]
    desk.gate.set()
    wait(asked, 20)
    assert desk.batches == [[0], [1], [2, 3], [4]]


def test_whoever_finds_the_line_full_is_sent_away_at_once(crowd: Crowd, lane: Lane, desk: Desk) -> None:
    few = replace(LIMITS, waiting=2)
    desk.gate.clear()
    asked = [crowd.leads(0), crowd.waits(1, limits=few), crowd.waits(2, limits=few)]
    with pytest.raises(TooBusy):
        lane.run(3, 1, desk.work, few)
    desk.gate.set()
    assert [each.result(20) for each in asked] == [0, 2, 4]


def test_an_empty_line_takes_even_the_longest_list(crowd: Crowd, desk: Desk) -> None:
    desk.gate.clear()
    asked = [crowd.leads(0), crowd.waits(1, size=1000)]
    desk.gate.set()
    assert asked[1].result(20) == 2


def test_whoever_gave_up_is_not_worked_on(crowd: Crowd, lane: Lane, desk: Desk) -> None:
    desk.gate.clear()
    first = crowd.leads(0)
    with pytest.raises(DeadlineExceeded):
        lane.run(1, 1, desk.work, replace(LIMITS, patience=0.01))
    last = crowd.waits(2) if not lane._queue else crowd.pool.submit(lane.run, 2, 1, desk.work, LIMITS)
    desk.gate.set()
    assert (first.result(20), last.result(20)) == (0, 4)
    assert [item for batch in desk.batches for item in batch] == [0, 2]
    assert lane._queue_size == 0


class Mistake(Exception):
    """What a leader may stumble over."""


@pytest.mark.parametrize(("raised", "met"), [(Mistake, Mistake), (SystemExit, Unavailable)])
def test_the_lead_outlives_a_leader_that_fails(
    crowd: Crowd, lane: Lane, desk: Desk, raised: type[BaseException], met: type[Exception]
) -> None:
    def fail(items: Sequence[int]) -> list[int]:
        desk.work(items)
        raise raised

    desk.gate.clear()
    first = crowd.leads(0)
    second = crowd.pool.submit(lane.run, 1, 1, fail, LIMITS)
    until(lambda: len(lane._queue) == 1)
    third = crowd.waits(2)
    desk.gate.set()
    assert first.result(20) == 0
    with pytest.raises(raised):
        second.result(20)
    with pytest.raises(met):
        third.result(20)
    assert lane.run(3, 1, desk.work, LIMITS) == 6


def test_a_lane_of_several_leaders_works_on_as_many_batches_at_the_same_time(desk: Desk) -> None:
    lane = Lane(max_leaders=2)
    with ThreadPoolExecutor(8) as pool:
        crowd = Crowd(lane, desk, pool)
        desk.gate.clear()
        # The second leads although the first is still at work; those who come then wait.
        asked = [crowd.leads(0), crowd.leads(1), crowd.waits(2), crowd.waits(3)]
        assert desk.batches == [[0], [1]]
        desk.gate.set()
        assert [each.result(20) for each in asked] == [0, 2, 4, 6]
    assert sorted(item for batch in desk.batches for item in batch) == [0, 1, 2, 3]
    assert (lane._queue_size, lane._leaders, list(lane._queue)) == (0, 0, [])


def test_one_leader_that_is_held_up_holds_up_nobody_else(desk: Desk) -> None:
    lane = Lane(max_leaders=2)
    with ThreadPoolExecutor(8) as pool:
        crowd = Crowd(lane, desk, pool)
        desk.gate.clear()
        held_up = crowd.leads(0)
        quick = [lane.run(item, 1, lambda items: [-item for item in items], LIMITS) for item in (1, 2)]
        assert quick == [-1, -2]
        assert not held_up.done()
        desk.gate.set()
        assert held_up.result(20) == 0


def test_the_lead_of_several_outlives_leaders_that_fail(lane: Lane, desk: Desk) -> None:
    def fail(_: Sequence[int]) -> list[int]:
        raise Mistake

    for lane_ in (lane, Lane(max_leaders=2)):
        for _ in range(3):
            with pytest.raises(Mistake):
                lane_.run(1, 1, fail, LIMITS)
        assert lane_.run(2, 1, desk.work, LIMITS) == 4
        assert lane_._leaders == 0


@pytest.fixture
def slow_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a call for slow after a moment."""
    for module in ("lane", "slow_calls"):
        monkeypatch.setattr(f"webapp.services.model_store.{module}.SLOW_CALL_SECONDS", 0.05)


@pytest.mark.usefixtures("slow_soon")
def test_a_few_wait_while_a_call_is_slow_and_the_rest_is_sent_away(crowd: Crowd, lane: Lane, desk: Desk) -> None:
    limits = replace(LIMITS, slow_calls=SlowCalls(threads=8))

    def call(items: Sequence[int]) -> list[int]:
        with limits.slow_calls.calling(lane):
            return desk.work(items)

    desk.gate.clear()
    asked = [crowd.pool.submit(lane.run, item, 1, call, limits) for item in range(10)]
    # One is in the call and three wait, which is half of the threads.
    until(lambda: sum(each.done() for each in asked) == 6)
    with pytest.raises(TooBusy):
        lane.run(10, 1, call, limits)
    desk.gate.set()
    assert [type(each.exception(20)) for each in asked].count(TooBusy) == 6
    assert sum(each.exception() is None for each in asked) == 4
    assert lane.run(11, 1, call, limits) == 22
    assert (lane._held_up, limits.slow_calls._waiting, limits.slow_calls._calls) == (0, 0, {})


@pytest.mark.usefixtures("slow_soon")
def test_those_who_wait_for_all_models_leave_threads_free(crowd: Crowd, lane: Lane, desk: Desk) -> None:
    limits, lanes = replace(LIMITS, slow_calls=SlowCalls(threads=8)), [lane, Lane(), Lane()]

    def call(each: Lane, items: Sequence[int]) -> list[int]:
        with limits.slow_calls.calling(each):
            return desk.work(items)

    desk.gate.clear()
    asked = [crowd.pool.submit(each.run, item, 1, partial(call, each), limits) for item, each in enumerate(lanes * 4)]
    until(lambda: sum(each.done() for each in asked) == 12 - (8 - FREE_THREADS))
    desk.gate.set()
    assert [type(each.exception(20)) for each in asked].count(TooBusy) == 12 - (8 - FREE_THREADS)


@pytest.mark.usefixtures("slow_soon")
def test_nobody_is_sent_away_while_it_is_the_recording_that_is_slow(crowd: Crowd, desk: Desk) -> None:
    desk.gate.clear()
    asked = [crowd.leads(0), *(crowd.waits(item) for item in range(1, 12))]
    time.sleep(0.3)
    late = crowd.waits(12)
    desk.gate.set()
    assert [each.result(20) for each in [*asked, late]] == [2 * item for item in range(13)]


def test_each_of_many_gets_its_own_outcome(lane: Lane) -> None:
    sizes: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        if len(sizes) % 7 == 0:
            time.sleep(0.001)
        return [item * item for item in items]

    def ask(start: int) -> list[int]:
        return [lane.run(item, 1, work, LIMITS) for item in range(start, start + 200)]

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(ask, range(0, 3200, 200)))
    assert [value for each in found for value in each] == [item * item for item in range(3200)]
    assert sum(sizes) == 3200
    assert max(sizes) <= LIMITS.batch
    assert (lane._queue_size, lane._leaders, list(lane._queue)) == (0, 0, [])


def test_it_tells_how_the_line_grows_and_shrinks(crowd: Crowd) -> None:
    told: list[float] = []
    crowd.lane.watch(told.append)
    crowd.desk.gate.clear()
    asked = [crowd.leads(1), crowd.waits(2, size=3), crowd.waits(3)]
    assert told == [3, 1]
    crowd.desk.gate.set()
    wait(asked)
    assert told == [3, 1, -3, -1]


def test_one_alone_never_stands_in_line(crowd: Crowd) -> None:
    told: list[float] = []
    crowd.lane.watch(told.append)
    crowd.leads(1).result()
    assert told == []


def test_a_lane_that_joins_no_requests_works_on_one_at_a_time(desk: Desk) -> None:
    with ThreadPoolExecutor(40) as pool:
        crowd = Crowd(Lane(joins_requests=False), desk, pool)
        desk.gate.clear()
        asked = [crowd.leads(1), crowd.waits(2), crowd.waits(3, size=5)]
        desk.gate.set()
        assert [each.result() for each in asked] == [2, 4, 6]
    assert desk.batches == [[1], [2], [3]]
