"""What tests need besides this process, and in which order and groups they are run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
#: A test has a marker when it asks for one of these fixtures, or its module imports one of these names.
NEEDS = {
    "postgres": {"database_server", "postgres", "Postgres"},
    "gunicorn": {"serving", "server", "Serving", "Serve"},
    "chromium": {"browser"},
    "nginx": {"nginx_before"},
    "pgbouncer": {"pgbouncer_before"},
    "process": {
        "subprocess",
        "LOADER",
        "ZYGOTE",
        "loader",
        "zygote",
        "zygote_with",
        "cells_of",
        "in_child",
        "verdict",
        "audit",
        "LaxZygote",
        "find_interpreter",
        "OwnModule",
        "environment_builder",
    },
}
#: Tests that need nothing, but time.
SLOW = "gate/test_honest.py"
#: The tests of such a folder share a server or a browser, so that one worker runs all of them.
SHARED = ("browser", "clients", "versions")
#: What takes longest begins first, so that no worker is left with it alone at the end.
LONGEST_FIRST = (
    *("web/test_schemathesis.py", "browser", "cell_attacks", "clients", "versions", "faults", "deploy", "telemetry"),
    *("gate", "unit/models/compiled"),
)


def mark(items: list[pytest.Item]) -> None:
    """Mark each test with what it needs, and with those that run in the same worker."""
    for item in items:
        names = set(getattr(item, "fixturenames", ())) | set(vars(getattr(item, "module", item)))
        for marker, starters in NEEDS.items():
            if names & starters:
                item.add_marker(marker)
        path = item.path.relative_to(TESTS)
        if str(path) == SLOW:
            item.add_marker("slow")
        item.add_marker(pytest.mark.xdist_group(path.parts[0] if path.parts[0] in SHARED else str(path)))


def is_quick(item: pytest.Item) -> bool:
    """Whether it needs nothing but this process."""
    return not any(item.get_closest_marker(marker) for marker in NEEDS)


def sort(items: list[pytest.Item]) -> None:
    """Put what takes longest first, if several workers share the tests."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    path = str(item.path.relative_to(TESTS))
    return next((rank for rank, start in enumerate(LONGEST_FIRST) if path.startswith(start)), len(LONGEST_FIRST))
