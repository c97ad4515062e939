"""webapp.server.startup"""

from __future__ import annotations

import resource
from typing import Any

import pytest

from webapp.config import Settings
from webapp.server import startup


class Limits:
    """A limit of open files that belongs to a test alone."""

    def __init__(self, soft: int, hard: int) -> None:
        self.now = (soft, hard)

    def get(self, _which: int) -> tuple[int, int]:
        return self.now

    def set(self, _which: int, limits: tuple[int, int]) -> None:
        self.now = limits


def connections(monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, **settings: Any) -> tuple[int, int]:
    """Return how many connections a worker may have, and its limit of open files afterwards."""
    limits = Limits(soft, hard)
    monkeypatch.setattr(resource, "getrlimit", limits.get)
    monkeypatch.setattr(resource, "setrlimit", limits.set)
    return startup.max_connections(Settings(**settings)), limits.now[0]


NO_LIMIT = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "expected"),
    [
        (1024, 524288, (1016, 1180)),
        (1024, NO_LIMIT, (1016, 1180)),
        (524288, 524288, (1016, 524288)),
        (NO_LIMIT, NO_LIMIT, (1016, NO_LIMIT)),
        (256, 1024, (860, 1024)),
        (1024, 1024, (860, 1024)),
    ],
)
def test_a_worker_has_as_many_connections_as_the_limit_allows(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, expected: tuple[int, int]
) -> None:
    assert connections(monkeypatch, soft, hard) == expected


def test_it_says_when_a_limit_is_too_low(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        connections(monkeypatch, 180, 180)
    assert capfd.readouterr().err == (
        "A process may have 180 files open here (ulimit -n), which is too few for THREADS=16. Allow 1180, or lower "
        "THREADS.\n"
    )
    assert connections(monkeypatch, 180, 180, threads=4) == (64, 180)
