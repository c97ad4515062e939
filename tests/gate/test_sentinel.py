"""The payloads work: loaded without the gate, they create the file that the other tests look for."""

from __future__ import annotations

import contextlib
import io
import pickle
from pathlib import Path

import joblib
import pytest

from tests.gate import hostile_names
from tests.gate.child import in_child
from webapp.cell.sandbox.confinement import forbid_writing

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


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_a_payload_that_runs_in_confinement_creates_nothing(make: hostile_names.Hostile, tmp_path: Path) -> None:
    data = make(str(tmp_path / "it-ran"))

    def run() -> None:
        forbid_writing()
        for load in (joblib.load, pickle.load):
            with contextlib.suppress(Exception):
                load(io.BytesIO(data))

    in_child(run)
    assert list(tmp_path.iterdir()) == []
