"""What becomes of a file that is being tried when the service is killed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import joblib
import psutil
import pytest

from tests.faults.hanging import Hanging
from tests.faults.postgres import wait_until
from webapp.config import ROOT


@pytest.fixture
def trying(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], psutil.Process]]:
    """A sandbox process and its child, which tries a model that hangs."""
    (tmp_path / "hang").touch()
    data = io.BytesIO()
    joblib.dump(Hanging(), data)
    header = {"size": len(data.getvalue()), "trusted": ["tests.faults.hanging.Hanging"]}
    process = subprocess.Popen(
        [sys.executable, "-m", "webapp.cell.sandbox.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"HANG_WHILE": str(tmp_path / "hang")},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(header).encode() + b"\n" + data.getvalue())
    process.stdin.flush()
    try:
        (child,) = wait_until(lambda: psutil.Process(process.pid).children())
        yield process, child
    finally:
        (tmp_path / "hang").unlink()
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def has_ended(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_both_processes_end_when_the_input_does(trying: tuple[subprocess.Popen[bytes], psutil.Process]) -> None:
    process, child = trying
    assert process.stdin is not None
    process.stdin.close()
    # The time that a file may take is longer.
    assert process.wait(timeout=15) == 0
    wait_until(lambda: has_ended(child), seconds=5)


def test_the_child_ends_with_the_sandbox_process(trying: tuple[subprocess.Popen[bytes], psutil.Process]) -> None:
    process, child = trying
    process.kill()
    wait_until(lambda: has_ended(child), seconds=15)
