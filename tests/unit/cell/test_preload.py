"""What is preloaded suffices for every model, and leaves one thread."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module

import pytest

from webapp.cell.preload import ONE_THREAD, preload
from webapp.config import ROOT

PROGRAM = """
import json, os, sys
from webapp.cell.preload import preload
preload()
import joblib
print(json.dumps([len(os.listdir("/proc/self/task")), joblib.cpu_count(only_physical_cores=True), sorted(sys.modules)]))
"""


def test_it_imports_scikit_learn_and_what_that_uses_and_starts_no_thread() -> None:
    environ = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environ, capture_output=True, check=True)
    threads, processors, modules = json.loads(done.stdout)
    assert (threads, processors) == (1, 1)
    assert {"sklearn.ensemble", "sklearn.tree._tree", "pandas", "scipy.stats", "encodings.cp1252"} <= set(modules)
    assert not [name for name in modules if name.startswith("sklearn.") and "tests" in name.split(".")]


def test_it_refuses_to_come_too_late() -> None:
    import_module("numpy")
    with pytest.raises(RuntimeError, match="imported before"):
        preload()
