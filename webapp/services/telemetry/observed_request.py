"""The request that this thread is answering, for metrics, traces and log lines."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class ObservedRequest:
    """One request as metrics, traces and log lines see it; its fields are filled in as they become known."""

    request_id: str = ""
    #: The rule of its route, never its path, which may contain inputs.
    route: str = ""
    #: The model that answers, once that is known; never a name that a client sent and no model has.
    model: str = ""
    version: str = ""
    channel: str = ""
    #: Its span, if traces are sent.
    span: Any = None
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began


_current: ContextVar[ObservedRequest | None] = ContextVar("observed_request", default=None)


def enter(request: ObservedRequest) -> None:
    """Set the request that this thread is answering."""
    _current.set(request)


def leave() -> None:
    """Unset the request of this thread."""
    _current.set(None)


def current() -> ObservedRequest | None:
    """Return the request that this thread is answering, if any."""
    return _current.get()
