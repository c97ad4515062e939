"""What the zygote imports, which every cell has in its memory, and what the service does not."""

from __future__ import annotations

import json
import subprocess
import sys

from webapp.config import ROOT

ZYGOTE = "from webapp.cell.preload import preload; preload(); import webapp.cell.trusted, webapp.cell.zygote"
#: What Python 3.10 and scikit-learn 1.0, which some models need, don't have.
WITHOUT_WHAT_IS_NEWER = """
import datetime, enum, sys
from webapp.cell.preload import preload
preload()
import sklearn.base, sklearn.frozen, sklearn.metrics, sklearn.model_selection, sklearn.preprocessing
del sklearn.base.is_clusterer, sklearn.metrics.root_mean_squared_error, sklearn.preprocessing.TargetEncoder
del sklearn.model_selection.FixedThresholdClassifier, sklearn.model_selection.TunedThresholdClassifierCV
del datetime.UTC, enum.StrEnum
sys.modules["sklearn.frozen"] = None
import webapp.cell.trusted, webapp.cell.zygote
"""
SERVICE = "import webapp, webapp.services.wiring, webapp.controllers, webapp.cli, webapp.server"


def imported_by(program: str) -> set[str]:
    """Return the modules that a program imports."""
    program = f"{program}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return set(json.loads(done.stdout))


def test_the_zygote_knows_neither_the_service_nor_the_database() -> None:
    modules = imported_by(ZYGOTE)
    assert not {"flask", "sqlalchemy", "psycopg", "cryptography", "argon2"} & modules
    ours = {".".join(module.split(".")[:2]) for module in modules if module.startswith("webapp.")}
    assert not {f"webapp.{floor}" for floor in ("services", "database", "controllers", "cli", "server")} & ours


def test_the_service_knows_no_library_of_estimators() -> None:
    modules = imported_by(SERVICE)
    assert not {"sklearn", "pandas", "scipy", "joblib", "xgboost", "lightgbm"} & modules
    # It tells what the kernel offers.
    others = {module for module in modules if module.startswith("webapp.cell.")}
    assert {module for module in others if not module.startswith("webapp.cell.lock")} == set()


def test_a_cell_can_do_without_what_older_libraries_lack() -> None:
    assert "webapp.cell.zygote" in imported_by(WITHOUT_WHAT_IS_NEWER)
