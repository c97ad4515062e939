"""What is checked in the sandbox creates, empties and removes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import joblib
import pytest
from webapp.cell.sandbox import confinement, process
from webapp.cell.sandbox.confinement import COMPLETE_VERSION, forbid_writing
from webapp.cell.sandbox.sandbox import Sandbox, SandboxReport

from tests.gate import hostile_names, natives
from tests.gate.child import in_child
from tests.unit.cell.sandbox.misbehaving import (
    Greedy,
    Killed,
    Sleeping,
    Writing,
    attempt,
    by_compiled_code,
    by_python,
)
from webapp.services.model_store.artifact import ArtifactLoader

HOSTILE = {
    **hostile_names.OBJECT_ARRAYS,
    **hostile_names.STATES,
    **hostile_names.PREFIXES,
    **hostile_names.DOTTED,
    **hostile_names.CODES,
    **hostile_names.SHADOWS,
    **hostile_names.CHANGES,
    **hostile_names.ARGUMENTS,
    **{what: lambda _, make=make: make() for what, make in {**natives.TREES, **natives.ARRAYS}.items()},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "before"
    (folder / "inner").mkdir(parents=True)
    (folder / "file").write_text("as before")
    return folder


def state(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return what is in a folder, and when each was changed; the folders themselves too."""
    paths = [folder, *folder.rglob("*")]
    return {
        str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in paths
    }


@pytest.fixture
def landlock() -> None:
    if not in_child(lambda: confinement._restrict() >= COMPLETE_VERSION):
        pytest.skip("this Linux has no complete Landlock")


@pytest.mark.usefixtures("landlock")
@pytest.mark.parametrize("ways", [by_python, by_compiled_code])
def test_linux_refuses_each_way_to_change_a_folder(
    folder: Path, ways: Callable[[Path], list[Callable[[], object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Modes and times are left to Python; all else must hold without it.
    monkeypatch.setattr(confinement, "_refuse", lambda event, _: _refuse_modes(event))
    before = state(folder)
    assert in_child(lambda: [forbid_writing(), attempt(ways(folder))]) == [True, None]
    assert state(folder) == before


def _refuse_modes(event: str) -> None:
    if event in ("os.chmod", "os.utime"):
        raise PermissionError


def test_python_refuses_it_where_linux_has_no_landlock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def restrict() -> int:
        raise OSError

    monkeypatch.setattr(confinement, "_restrict", restrict)
    before = state(folder)
    assert in_child(lambda: [forbid_writing(), attempt(by_python(folder))]) == [False, None]
    assert state(folder) == before


@pytest.mark.parametrize("ways", [by_python, by_compiled_code])
def test_each_way_works_without_confinement(
    folder: Path, ways: Callable[[Path], list[Callable[[], object]]], tmp_path: Path
) -> None:
    for number in range(len(ways(folder))):
        fresh = copytree(folder, tmp_path / str(number))
        assert ways(fresh)[number]() != -1


def test_it_may_still_read_and_write_to_the_null_device_and_to_what_is_open(folder: Path) -> None:
    def run() -> str:
        forbid_writing()
        Path(os.devnull).write_text("nothing")
        return (folder / "file").read_text()

    assert in_child(run) == "as before"


@pytest.mark.usefixtures("landlock")
def test_a_model_that_is_checked_changes_nothing(folder: Path, tmp_path: Path) -> None:
    joblib.dump(Writing(str(folder)), tmp_path / "writing.joblib")
    before = state(folder)
    with closing(Sandbox()) as sandbox:
        loader = ArtifactLoader(sandbox, trusted_types=[f"{Writing.__module__}.Writing"])
        check = loader.check(tmp_path / "writing.joblib", model="writing")
    assert (check.reason, check.report.prediction, check.report.is_confined) == (None, None, True)
    assert state(folder) == before


def test_a_hostile_file_that_is_checked_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(folder))
    files = {what: make(str(folder / f"sentinel-{number}")) for number, (what, make) in enumerate(HOSTILE.items())}
    before = state(folder)
    with closing(Sandbox()) as sandbox:
        reports = {what: sandbox.run(data, what) for what, data in files.items()}
    assert [what for what, report in reports.items() if report.reason is None] == []
    assert state(folder) == before


REASONS = {
    Sleeping: "The check took longer than 2 seconds.",
    Killed: "The check was killed. The machine may be short of memory.",
    Greedy: "It needs more memory than its size allows.",
}


@pytest.mark.parametrize(("kind", "reason"), REASONS.items())
def test_what_time_or_memory_decided_is_not_final(
    kind: type, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "max_seconds", lambda _: 2)
    joblib.dump(kind(str(tmp_path)), tmp_path / "slow.joblib")
    data, trusted = (tmp_path / "slow.joblib").read_bytes(), [f"{kind.__module__}.{kind.__name__}"]
    # Its end would say that the service is gone.
    requests, service = os.pipe()
    with os.fdopen(requests) as stdin, os.fdopen(service, "w"):
        monkeypatch.setattr(sys, "stdin", stdin)
        report = in_child(lambda: process._report_from_child(data, trusted), seconds=20)
    assert (report["reason"], report["is_final"]) == (reason, False)


def test_the_report_of_a_file_that_is_simply_refused_is_kept() -> None:
    with closing(Sandbox()) as sandbox:
        first, second = sandbox.run(b"no pickle", "digest"), sandbox.run(b"no pickle", "digest")
    assert first is second
    assert first.is_final


def test_the_log_says_once_where_only_python_keeps_checks_from_writing(caplog: pytest.LogCaptureFixture) -> None:
    sandbox = Sandbox()
    for confined in (True, False, False):
        sandbox._warn(SandboxReport(is_confined=confined))
    assert [record.message for record in caplog.records] == [
        "Linux has no complete Landlock here, so only Python keeps checks of files from writing"
    ]
