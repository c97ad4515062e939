"""Says on the terminal how far the migrations are."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click

from webapp.helpers.log_lines import as_line

#: Seconds between two lines about the same step.
INTERVAL_SECONDS = 10.0


def say(sentence: str) -> None:
    """Print a line in the format of the log."""
    click.echo(as_line(sentence, os.environ.get("LOG_FORMAT", "")))


class Stopwatch:
    """Says of each migration how long it took, unless the database is new: then all of them are quick."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._is_new = False

    def applied(self, *, step: Any, **_other: Any) -> None:
        """Say it of one migration; Alembic calls this after each."""
        began, self._began = self._began, time.monotonic()
        self._is_new |= step.is_upgrade and not step.down_revision_ids
        if not self._is_new:
            verb = "took" if step.is_upgrade else "was undone in"
            say(f"Migration {Path(step.up_revision.path).stem} {verb} {self._began - began:.1f} s.")


class RowCount:
    """Says every few seconds how many rows of a large table are done."""

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._rows = self._done = 0
        self._said = time.monotonic()

    def add(self, rows: int, done: int) -> None:
        """Count rows; ``done`` of the total, in whatever unit that is, are done with them."""
        self._rows += rows
        self._done += done
        if time.monotonic() - self._said >= INTERVAL_SECONDS:
            self._said = time.monotonic()
            say(f"{self._what}: {self._rows:,} rows, {100 * self._done // max(self._total, 1)} % of the table.")
