"""What this machine offers is said in words, and asking for it locks nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from webapp.cell.lock import Protection, available, environment_paths
from webapp.config import ROOT


@pytest.mark.parametrize(
    ("landlock", "seccomp", "is_locked", "word"),
    [(0, True, True, "no Landlock"), (3, False, True, "no seccomp"), (0, False, False, "neither")],
)
def test_it_says_what_is_missing(landlock: int, seccomp: bool, is_locked: bool, word: str) -> None:
    protection = Protection(landlock=landlock, seccomp=seccomp)
    assert protection.is_locked is is_locked
    assert word in str(protection.sentence)


def test_it_says_nothing_where_nothing_is_missing() -> None:
    assert Protection(landlock=1, seccomp=True).sentence is None


def test_asking_locks_nothing(tmp_path: Path) -> None:
    available()
    (tmp_path / "file").write_text("written")
    assert Path("/proc/self/status").read_text().count("Seccomp:\t0") == 1


def test_other_systems_and_processors_offer_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("", "", "", "", "riscv64")))
    assert not available().seccomp
    monkeypatch.setattr(sys, "platform", "darwin")
    assert available() == Protection(landlock=0, seccomp=False)


def test_a_cell_may_read_code_and_no_secrets() -> None:
    paths = environment_paths()
    secret = [Path("/etc/passwd"), Path("/proc/self/environ"), Path("/root/.ssh"), ROOT / "instance", ROOT / ".env"]
    assert not [path for path in secret if any(path.is_relative_to(readable) for readable in paths)]
    assert any(Path(os.__file__).resolve().is_relative_to(readable) for readable in paths)
    assert Path(__file__).parents[4] / "webapp" in paths
