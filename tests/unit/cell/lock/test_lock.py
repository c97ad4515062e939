"""A locked process can compute and answer, and can harm nothing outside."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.unit.cell.lock.attempts import ENDS, HARMFUL, HARMLESS, REFUSED, arguments, by_system_call
from webapp.cell.lock import available
from webapp.cell.lock.system_calls import ENDING, numbers
from webapp.cell.preload import ONE_THREAD
from webapp.config import ROOT

Outcomes = dict[str, Any]
#: Which wall is left out, and as whom the process that forks runs.
MISSING, USERS = ("nothing", "landlock"), ("root", "ordinary")
#: Landlock alone does not know these.
BEYOND_LANDLOCK = {
    *("fork", "open a socket", "open two sockets", "connect by sending", "change a limit", "become traceable"),
}
pytestmark = pytest.mark.skipif(
    available().sentence is not None, reason="This kernel lacks Landlock or seccomp, or its processor is unknown"
)


@pytest.fixture(
    scope="module", params=[(missing, user) for missing in ("nothing", "landlock") for user in USERS], ids=str
)
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def outcomes(case: tuple[str, str]) -> Outcomes:
    return run(*case)


@pytest.fixture(scope="module", params=USERS)
def without_seccomp(request: pytest.FixtureRequest) -> Outcomes:
    return run("seccomp", request.param)


def run(missing: str, user: str) -> Outcomes:
    if user == "root" and os.getuid():
        pytest.skip("Only root can try what root may")
    # Not beneath the folder of pytest, which others can't enter anyway.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-m", "tests.unit.cell.lock.program", folder, missing, user],
            cwd=ROOT,
            env=os.environ | ONE_THREAD,
            capture_output=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("attempt", HARMFUL)
def test_harm_ends_the_process(outcomes: Outcomes, attempt: str) -> None:
    assert outcomes[attempt] == [-signal.SIGSYS, None]


def test_harm_ends_the_process_by_each_system_call(outcomes: Outcomes) -> None:
    assert set(arguments(ROOT, 1)) <= set(numbers(ENDING, "x86_64"))
    assert [name for name in by_system_call() if outcomes[name] != [-signal.SIGSYS, None]] == []


@pytest.mark.parametrize("attempt", REFUSED)
def test_it_is_refused_what_is_not_its_own(outcomes: Outcomes, attempt: str) -> None:
    assert outcomes[attempt] == [0, REFUSED[attempt][1]]


@pytest.mark.parametrize("attempt", HARMLESS)
def test_it_may_compute_and_answer(outcomes: Outcomes, attempt: str) -> None:
    assert outcomes[attempt] == [0, HARMLESS[attempt][1]]


def test_it_reads_code_only_where_landlock_keeps_it_from_the_rest(outcomes: Outcomes, case: tuple[str, str]) -> None:
    assert outcomes["read its code"] == ([0, "PermissionError"] if case[0] == "landlock" else [0, True])


@pytest.mark.parametrize("attempt", ENDS)
def test_its_end_tells_a_crash_from_harm(outcomes: Outcomes, attempt: str) -> None:
    assert outcomes[attempt] == [ENDS[attempt][1], None]


def test_its_answers_and_its_pages_arrive(outcomes: Outcomes) -> None:
    assert (outcomes["answered"], outcomes["shared"]) == ("answer", 42)


def test_it_has_no_privileges(outcomes: Outcomes, case: tuple[str, str]) -> None:
    found = outcomes["properties"]
    assert {found[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2")
    # Only root may look into it.
    assert found["Looks"] == "0"
    if os.getuid() == 0:
        number = "65534" if case[1] == "root" else "1234"
        assert (found["Uid"], found["Gid"], found["Groups"]) == (*[" ".join([number] * 4)] * 2, "")


def test_nothing_outside_has_changed(outcomes: Outcomes) -> None:
    assert not outcomes["was reached"]
    assert outcomes["folder"] == outcomes["folder before"]


@pytest.mark.parametrize("attempt", sorted(set(HARMFUL) - BEYOND_LANDLOCK))
def test_landlock_and_limits_refuse_harm_alone(without_seccomp: Outcomes, attempt: str) -> None:
    # 127 is what a shell that could not be started returns.
    assert without_seccomp[attempt] in [[0, error] for error in ("PermissionError", "BlockingIOError", -1, 127 << 8)]


@pytest.mark.parametrize("attempt", sorted(REFUSED))
def test_landlock_and_limits_keep_what_is_not_its_own_alone(without_seccomp: Outcomes, attempt: str) -> None:
    assert without_seccomp[attempt] == [0, REFUSED[attempt][1]]


def test_landlock_alone_keeps_the_content_of_files(without_seccomp: Outcomes) -> None:
    before, after = ([(name, size) for name, _, size, _ in without_seccomp[key]] for key in ("folder before", "folder"))
    assert after == before


def test_it_ends_with_its_parent() -> None:
    program = (
        "import os, time; from webapp.cell.lock import lock; reading, writing = os.pipe(); child = os.fork()\n"
        "if child: os.read(reading, 1); print(child, flush=True); time.sleep(600)\n"
        "lock(readable=[], keep=[writing], memory=None); os.write(writing, b'.'); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout
    child = os.pidfd_open(int(parent.stdout.readline()))
    try:
        parent.kill()
        parent.communicate(timeout=30)
        assert select.select([child], [], [], 30)[0]
    finally:
        os.close(child)
