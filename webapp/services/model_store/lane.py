"""Leader and followers: requests that reach a model at the same time share one call and one commit.

A lane has no thread of its own. A request that finds the lane free becomes a leader: its thread does
the work for all requests that wait, and then hands the lead to the first request that came meanwhile.
A single request never waits. A lane has as many leaders as there can be calls of its model at the same time.
While a call of the estimator is slow, only a part of the threads may wait for it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

from webapp.errors import DeadlineExceeded, TooBusy, Unavailable
from webapp.services.model_store.slow_calls import SLOW_CALL_SECONDS, SlowCalls

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Work = Callable[[Sequence[Item]], Sequence[Outcome]]

#: Is called with the change of the queue's size.
OnChange = Callable[[float], object]


def _ignore(_change: float) -> None:
    """Ignore a change of the queue."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of a lane."""

    #: Maximum total size of the items in one batch.
    batch: int
    #: Maximum total size of the items that wait; further requests are refused.
    waiting: int
    #: Seconds after which a waiting request gives up.
    patience: float
    #: The slow calls of all models, which bound how many threads wait for this one.
    slow_calls: SlowCalls


def _locked() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(eq=False, slots=True)
class Ticket:
    """A request in the queue."""

    item: Any
    size: int
    is_leader: bool = False
    has_given_up: bool = False
    #: Whether it waits for a slow call.
    is_held_up: bool = False
    outcome: Any = None
    error: Exception | None = None
    #: Released when there is an outcome or an error, or when the ticket becomes the leader.
    wake: Lock = field(default_factory=_locked)


class Lane:
    """The queue in front of one model.

    Parameters
    ----------
    max_leaders : int
        How many batches may be worked on at the same time.
    joins_requests : bool
        Whether a batch may hold several requests.
    """

    def __init__(self, max_leaders: int = 1, *, joins_requests: bool = True) -> None:
        self._max_leaders = max_leaders
        self._joins_requests = joins_requests
        self._lock = Lock()
        self._on_change: OnChange = _ignore
        self._queue: deque[Ticket] = deque()
        self._queue_size = 0
        self._leaders = 0
        self._held_up = 0

    def watch(self, on_change: OnChange) -> None:
        """Call ``on_change``, which must be fast, whenever the queue grows or shrinks from now on."""
        self._on_change = on_change

    def run(self, item: Item, size: int, work: Work[Item, Outcome], limits: Limits) -> Outcome:
        """Return the outcome of one item, which is worked on together with the items of other requests.

        Parameters
        ----------
        work : callable
            Takes several items and returns their outcomes, in the same order.

        Raises
        ------
        TooBusy
            At once, when too many requests wait already; within moments, when they wait for a slow call.
        DeadlineExceeded
            When there was no outcome in time. Work that has begun is still finished.
        """
        ticket = Ticket(item, size)
        try:
            if not self._join(ticket, limits):
                self._wait(ticket, limits)
            if ticket.is_leader:
                self._lead(ticket, work, limits)
        finally:
            if ticket.is_held_up:
                self._release(limits)
        if ticket.error:
            raise ticket.error
        outcome: Outcome = ticket.outcome
        return outcome

    def _join(self, ticket: Ticket, limits: Limits) -> bool:
        """Become a leader if there are too few, or else join the queue; return which: True for a leader."""
        with self._lock:
            if self._leaders < self._max_leaders:
                self._appoint(ticket)
                return True
            if self._queue and self._queue_size + ticket.size > limits.waiting:
                raise TooBusy
            self._hold_up(ticket, limits)
            self._queue.append(ticket)
            self._count(ticket.size)
            return False

    def _hold_up(self, ticket: Ticket, limits: Limits) -> None:
        """Count a request that waits while a call is slow, or refuse it if enough threads wait.

        Raises
        ------
        TooBusy
        """
        if ticket.is_held_up or not limits.slow_calls.has_slow(self):
            return
        if self._leaders + self._held_up >= limits.slow_calls.max_by_model or not limits.slow_calls.begin_waiting():
            raise TooBusy
        self._held_up += 1
        ticket.is_held_up = True

    def _release(self, limits: Limits) -> None:
        with self._lock:
            self._held_up -= 1
        limits.slow_calls.end_waiting()

    def _appoint(self, ticket: Ticket) -> None:
        self._leaders += 1
        ticket.is_leader = True

    def _wait(self, ticket: Ticket, limits: Limits) -> None:
        deadline = time.monotonic() + limits.patience
        while not ticket.wake.acquire(timeout=max(0.0, min(SLOW_CALL_SECONDS, deadline - time.monotonic()))):
            with self._lock:
                # The lead may have been handed over at the last moment, and must not be lost.
                if ticket.is_leader:
                    return
                try:
                    if time.monotonic() >= deadline:
                        raise DeadlineExceeded
                    self._hold_up(ticket, limits)
                except Unavailable:
                    ticket.has_given_up = True
                    raise

    def _lead(self, leader: Ticket, work: Work[Any, Any], limits: Limits) -> None:
        batch = self._gather(leader, limits)
        try:
            for ticket, outcome in zip(batch, work([ticket.item for ticket in batch]), strict=True):
                ticket.outcome = outcome
        except BaseException as error:
            for ticket in batch[1:]:
                ticket.error = error if isinstance(error, Exception) else Unavailable()
            raise
        finally:
            self._hand_over()
            for follower in batch[1:]:
                follower.wake.release()

    def _gather(self, leader: Ticket, limits: Limits) -> list[Ticket]:
        """Take as many requests from the front of the queue as fit, without those that have given up."""
        batch, size = [leader], leader.size
        if not self._joins_requests:
            return batch
        with self._lock:
            while self._queue and (self._queue[0].has_given_up or size + self._queue[0].size <= limits.batch):
                ticket = self._dequeue()
                if not ticket.has_given_up:
                    batch.append(ticket)
                    size += ticket.size
        return batch

    def _hand_over(self) -> None:
        with self._lock:
            self._leaders -= 1
            while self._queue and self._leaders < self._max_leaders:
                ticket = self._dequeue()
                if not ticket.has_given_up:
                    self._appoint(ticket)
                    ticket.wake.release()

    def _dequeue(self) -> Ticket:
        ticket = self._queue.popleft()
        self._count(-ticket.size)
        return ticket

    def _count(self, change: int) -> None:
        self._queue_size += change
        self._on_change(change)
