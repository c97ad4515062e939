"""Leader and followers: those who ask a model at the same time share one call and one commit.

A lane has no thread of its own. Whoever finds it free leads: works for all who wait, then hands the
lead to the first of those who came meanwhile. Who is alone waits for nobody.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from webapp.errors import DeadlineExceeded, TooBusy, Unavailable

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Work = Callable[[Sequence[Item]], Sequence[Outcome]]

#: Is told how many more, or less, stand in line.
Tell = Callable[[float], object]

#: So many leaders may hang in their work, each holding a thread, before nobody else may join.
MAX_HANGING = 2


def _nobody(_change: float) -> None:
    """Be told for nobody."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a lane takes."""

    #: Items are worked on together as long as their sizes add up to no more.
    batch: int
    #: When the sizes of those who wait add up to so much, nobody else may join them.
    waiting: int
    #: Seconds after which one who waits gives up, and after which a leader is taken to hang.
    patience: float


def _locked() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(eq=False, slots=True)
class Place:
    """One who asks, in the line."""

    item: Any
    size: int
    leads: bool = False
    gave_up: bool = False
    outcome: Any = None
    error: Exception | None = None
    #: Released when there is an outcome or an error, or the lead is handed over.
    woken: Lock = field(default_factory=_locked)


class Lane:
    """The line before one model."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tell: Tell = _nobody
        self._line: deque[Place] = deque()
        self._waiting = 0
        self._leader: Place | None = None
        self._led_since = 0.0
        self._hanging = 0

    def watch(self, tell: Tell) -> None:
        """Let somebody be told from now on how the line grows and shrinks, who must be quick about it."""
        self._tell = tell

    def go(self, item: Item, size: int, work: Work[Item, Outcome], limits: Limits) -> Outcome:
        """Give the outcome of one item, worked on together with those of others.

        Parameters
        ----------
        work : callable
            Gives each of several items its outcome, in their order.

        Raises
        ------
        TooBusy
            When too many wait already; at once.
        DeadlineExceeded
            When there was no outcome in time. What is already being worked on is finished nevertheless.
        """
        place = Place(item, size)
        if not self._join(place, limits):
            self._wait(place, limits)
        if place.leads:
            self._lead(place, work, limits)
        if place.error:
            raise place.error
        outcome: Outcome = place.outcome
        return outcome

    def _join(self, place: Place, limits: Limits) -> bool:
        """Take the lead if it is free, else stand in line."""
        with self._lock:
            if self._leader is None or self._leader_hangs(limits):
                self._appoint(place)
                return True
            if self._line and self._waiting + place.size > limits.waiting:
                raise TooBusy
            self._line.append(place)
            self._count(place.size)
            return False

    def _leader_hangs(self, limits: Limits) -> bool:
        if time.monotonic() < self._led_since + limits.patience:
            return False
        if self._hanging >= MAX_HANGING:
            raise TooBusy
        self._hanging += 1
        return True

    def _appoint(self, place: Place) -> None:
        self._leader = place
        self._led_since = time.monotonic()
        place.leads = True

    def _wait(self, place: Place, limits: Limits) -> None:
        if place.woken.acquire(timeout=limits.patience):
            return
        with self._lock:
            # A lead that was handed over at the last moment must not be lost.
            if not place.leads:
                place.gave_up = True
                raise DeadlineExceeded

    def _lead(self, leader: Place, work: Work[Any, Any], limits: Limits) -> None:
        batch = self._gather(leader, limits)
        try:
            for place, outcome in zip(batch, work([place.item for place in batch]), strict=True):
                place.outcome = outcome
        except BaseException as error:
            for place in batch[1:]:
                place.error = error if isinstance(error, Exception) else Unavailable()
            raise
        finally:
            self._hand_over(leader)
            for follower in batch[1:]:
                follower.woken.release()

    def _gather(self, leader: Place, limits: Limits) -> list[Place]:
        """Take as many from the front of the line as fit, without those who gave up."""
        batch, size = [leader], leader.size
        with self._lock:
            while self._line and (self._line[0].gave_up or size + self._line[0].size <= limits.batch):
                place = self._step_out()
                if not place.gave_up:
                    batch.append(place)
                    size += place.size
        return batch

    def _hand_over(self, leader: Place) -> None:
        with self._lock:
            if self._leader is not leader:
                # It hung, and another leads by now.
                self._hanging -= 1
                return
            self._leader = None
            while self._line and self._leader is None:
                place = self._step_out()
                if not place.gave_up:
                    self._appoint(place)
                    place.woken.release()

    def _step_out(self) -> Place:
        place = self._line.popleft()
        self._count(-place.size)
        return place

    def _count(self, change: int) -> None:
        self._waiting += change
        self._tell(change)
