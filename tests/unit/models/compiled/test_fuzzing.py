"""Plans with random changes are refused, or answer within bounded time and memory."""

from __future__ import annotations

import subprocess
import sys

from tests.effort import EFFORT


def test_a_changed_plan_is_refused_or_stays_within_bounds() -> None:
    command = [sys.executable, "-m", "tests.unit.models.compiled.fuzzing", str(3000 * EFFORT)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300 * EFFORT)
    assert run.returncode == 0, run.stderr[-3000:]
    assert "'refused'" in run.stdout
    assert "'answered'" in run.stdout
