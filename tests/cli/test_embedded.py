"""A command in a shell without DATABASE_URL, on a machine where nothing was started yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from tests.serving import ROOT


@pytest.fixture(scope="module")
def instance() -> Iterator[Path]:
    """A folder apart from pytest's own, where PostgreSQL's user may go."""
    folder = Path(mkdtemp(prefix="scoredesk-fresh-"))
    yield folder / "instance"
    rmtree(folder)


def run(instance: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    environment = kept | {"INSTANCE_DIR": str(instance), "MODELS_DIR": str(instance.parent)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_it_says_which_database_it_starts_and_makes_its_tables(instance: Path) -> None:
    doctor = run(instance, "doctor")
    assert (doctor.returncode, "FAULT  Tables: PostgreSQL at " in doctor.stdout) == (1, True)
    made = run(instance, "keys", "create", "nightly")
    # What a script reads has the key and nothing else.
    assert (made.returncode, made.stdout[:3], made.stdout.count("\n")) == (0, "sd_", 1)
    place = f"DATABASE_URL is not set, so the embedded database is used: PostgreSQL at {instance / 'postgres'}/postgres"
    assert made.stderr.splitlines()[:2] == [place, "Creating its tables, or bringing them up to date."]
    again = run(instance, "keys", "list")
    assert "nightly" in again.stdout
    assert again.stderr.splitlines() == [place]
