"""The payloads work: loaded without the gate, they create the file that the other tests look for."""

from __future__ import annotations

import contextlib
import io
import pickle
from pathlib import Path

import joblib
import pytest

from tests.gate import hostile_names
from tests.gate.child import Died, in_child
from webapp.cell.lock import available, environment_paths, lock

RUNS = {
    **hostile_names.OBJECT_ARRAYS,
    **{what: hostile_names.PREFIXES[what] for what in ("os.system", "posix.system", "builtins.eval", "numpy's memmap")},
    **{what: hostile_names.DOTTED[what] for what in ("a path through joblib to os",)},
    **{what: hostile_names.CODES[what] for what in ("an old-style instance", "an old-style object")},
}


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_a_payload_runs_without_the_gate(make: hostile_names.Hostile, tmp_path: Path) -> None:
    sentinel = tmp_path / "it-ran"
    data = make(str(sentinel))

    def run() -> None:
        for load in (joblib.load, pickle.load):
            # Loading may fail after the payload has run.
            with contextlib.suppress(Exception):
                load(io.BytesIO(data))

    in_child(run)
    assert sentinel.exists()


@pytest.mark.skipif(not available().is_locked, reason="this Linux can lock no process")
@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_a_payload_that_runs_behind_the_lock_creates_nothing(make: hostile_names.Hostile, tmp_path: Path) -> None:
    data = make(str(tmp_path / "it-ran"))

    def run() -> None:
        try:
            lock(readable=environment_paths(), keep=set(), memory=None)
        except BaseException:
            (tmp_path / "it was not locked").touch()
            raise
        for load in (joblib.load, pickle.load):
            with contextlib.suppress(Exception):
                load(io.BytesIO(data))

    # What it tries ends it, or it has lost the pipe for its answer.
    with contextlib.suppress(Died):
        in_child(run)
    assert list(tmp_path.iterdir()) == []
