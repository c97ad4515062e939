"""Estimators that harm their own process, or try to harm what is outside of it."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


def crash() -> None:
    """Read where there is no memory."""
    ctypes.string_at(0)


def ways_to_write(folder: Path) -> list[Callable[[], object]]:
    """Return ways to change a folder that holds ``file``."""
    return [
        (folder / "new").touch,
        (folder / "file").unlink,
        lambda: (folder / "file").write_text(""),
        lambda: os.truncate(folder / "file", 0),
        lambda: os.utime(folder / "file", (0, 0)),
    ]


class WithoutInputs:
    """Predicts, but tells nothing of what it takes."""

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))


class Misbehaving(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Behaves like any other, and keeps the path that the others need."""

    n_features_in_ = 1

    def __init__(self, path: str = "") -> None:
        self.path = path

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        return np.zeros(len(X))


class Writing(Misbehaving):
    """Tries to change a folder in one way whenever it predicts."""

    def __init__(self, path: str = "", way: int = 0) -> None:
        super().__init__(path)
        self.way = way

    def predict(self, X: Any) -> Any:
        with suppress(Exception):
            ways_to_write(Path(self.path))[self.way]()
        return np.zeros(len(X))


class Crashing(Misbehaving):
    """Ends its process when it predicts."""

    def predict(self, X: Any) -> Any:
        crash()


class Computing(Misbehaving):
    """Never ends predicting, and uses the processor."""

    def predict(self, X: Any) -> Any:
        while True:
            pass


class Sleeping(Misbehaving):
    """Never ends predicting, without using the processor."""

    def predict(self, X: Any) -> Any:
        time.sleep(600)


class Greedy(Misbehaving):
    """Needs more memory than it may use while it is loaded."""

    def __setstate__(self, state: Any) -> None:
        np.ones(2**34)


class Dying(Misbehaving):
    """Ends its process when it predicts for a text, and answers nothing else."""

    def predict(self, X: Any) -> Any:
        if isinstance(X[0, 0], str):
            os._exit(1)
        raise ValueError


class Lying(Misbehaving):
    """Writes a false report into every file that it can write to."""

    def predict(self, X: Any) -> Any:
        for file in range(3, 20):
            with suppress(OSError):
                os.write(file, b'SDF1{"probed": {"x0": "integer"}}\n{"probed": {"x0": "integer"}}\n')
        os._exit(0)


#: What an obedient estimator does when it is asked about this number; it answers others with themselves.
CRASH, SLEEP, DOZE, FAIL, NOT_FINITE = range(1001, 1006)
DOZE_SECONDS = 0.5
ORDERS: dict[int, Callable[[], object]] = {
    CRASH: crash,
    SLEEP: lambda: time.sleep(600),
    DOZE: lambda: time.sleep(DOZE_SECONDS),
    FAIL: lambda: int("a word of the input"),
    NOT_FINITE: lambda: float("nan"),
}


class Obedient(Misbehaving):
    """Does what its input asks for."""

    def predict(self, X: Any) -> Any:
        return np.array([self._obey(int(number)) for number in np.asarray(X)[:, 0]], dtype=np.float64)

    def _obey(self, number: int) -> float:
        done = ORDERS[number]() if number in ORDERS else None
        return done if isinstance(done, float) else number


TRUSTED: Sequence[str] = tuple(
    f"{__name__}.{name}"
    for name, kind in list(globals().items())
    if isinstance(kind, type) and kind.__module__ == __name__
)
