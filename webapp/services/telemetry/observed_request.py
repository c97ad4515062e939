"""The request that is being answered in this thread, for all who tell of it."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ObservedRequest:
    """One request, as whoever watches the service sees it; what becomes known of it is filled in."""

    request_id: str = ""
    #: The rule of its route, never its path.
    route: str = ""
    #: Who answers, once a model is asked; never a name that somebody sent and nobody serves.
    model: str = ""
    version: str = ""
    channel: str = ""
    #: Its span, where there are traces.
    span: Any = None
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """For how long it has been there."""
        return time.perf_counter() - self.began


_current: ContextVar[ObservedRequest | None] = ContextVar("visit", default=None)


def enter(visit: ObservedRequest) -> None:
    """Let a request begin in this thread."""
    _current.set(visit)


def leave() -> None:
    """Let it end."""
    _current.set(None)


def current() -> ObservedRequest | None:
    """Give the request of this thread, if it answers one."""
    return _current.get()
