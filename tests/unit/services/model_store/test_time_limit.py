"""webapp.services.model_store.time_limit: reads that nothing answers"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from webapp.services.model_store.time_limit import Progress, Silent, TimeLimit

PLACE = Path("/somewhere")


def test_it_returns_what_the_task_returns_and_raises_what_it_raises() -> None:
    limit = TimeLimit(5)
    assert limit.run(PLACE, lambda _: 7) == 7

    def fail(_: Progress) -> None:
        # What a network file system raises by itself is no silence.
        raise TimeoutError("the server")

    with pytest.raises(TimeoutError, match="the server"):
        limit.run(PLACE, fail)
    assert limit.silent == frozenset()


def test_it_waits_as_long_as_there_is_progress() -> None:
    def slow(progress: Progress) -> str:
        for _ in range(8):
            time.sleep(0.25)
            progress()
        return "done"

    assert TimeLimit(1.5).run(PLACE, slow) == "done"


def test_it_gives_up_on_the_place_that_is_silent_and_does_not_ask_there_again() -> None:
    limit, answer, begun, other = TimeLimit(0.2), threading.Event(), [], Path("/elsewhere")

    def wait(progress: Progress) -> None:
        begun.append(progress)
        progress(other)
        answer.wait(60)

    with pytest.raises(Silent) as caught:
        limit.run(PLACE, wait)
    assert caught.value.place == other
    for _ in range(3):
        with pytest.raises(Silent):
            limit.run(other, wait)
    assert len(begun) == 1
    assert limit.run(PLACE, lambda _: "another place answers") == "another place answers"
    answer.set()
    _until(lambda: not limit.silent)
    assert limit.run(other, lambda _: "it answers again") == "it answers again"


def test_a_task_that_nobody_waits_for_ends_at_its_next_step() -> None:
    limit, answer, steps = TimeLimit(0.2), threading.Event(), []

    def wait(progress: Progress) -> None:
        answer.wait(60)
        progress()
        steps.append("another step")

    with pytest.raises(Silent):
        limit.run(PLACE, wait)
    answer.set()
    _until(lambda: not limit.silent)
    assert steps == []


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
