"""A module with a model of one's own, on the path of this process and of the processes of models."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from types import ModuleType

import pytest

from webapp.services.cells import own_code

MODULE = "own_shop"
TRUSTED = [f"{MODULE}.Doubled"]
CODE = """
from sklearn.linear_model import LinearRegression
class Doubled(LinearRegression):
    def predict(self, X):
        return FACTOR * super().predict(X)
"""


class OwnModule:
    """A module in a folder of its own, which tests change."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        folder.mkdir()
        self.write(2)
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setenv("PYTHONPATH", str(folder))
        # A test changes files faster than people do.
        monkeypatch.setattr(own_code, "LOOK_SECONDS", 0.0)

    def write(self, factor: int, code: str = CODE) -> None:
        """Write the module: its model answers so many times as much."""
        (self.folder / f"{MODULE}.py").write_text(f"FACTOR = {factor}\n{code}")

    def dump(self) -> bytes:
        """Return a file with a model that answers as many times its input as the module says."""
        module = ModuleType(MODULE)
        sys.modules[MODULE] = module
        try:
            exec(f"FACTOR = 1\n{CODE}", vars(module))  # noqa: S102
            return pickle.dumps(module.Doubled().fit([[0.0], [1.0]], [0.0, 1.0]))
        finally:
            del sys.modules[MODULE]
