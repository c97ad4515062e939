"""What the process that loads hostile files imports"""

from __future__ import annotations

import json
import subprocess
import sys

from webapp.config import ROOT

MAX_MODULES = 64
PROGRAM = "import json, sys, webapp.cell.sandbox.process; print(json.dumps(sorted(sys.modules)))"


def test_the_child_imports_little_of_ours_and_neither_flask_nor_sqlalchemy() -> None:
    printed = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, check=True).stdout
    modules = json.loads(printed)
    ours = [name for name in modules if name.split(".")[0] == "webapp"]
    assert len(ours) <= MAX_MODULES, ours
    assert not {"flask", "sqlalchemy", "psycopg", "pydantic", "cryptography"} & set(modules)
