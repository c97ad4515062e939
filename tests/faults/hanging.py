"""A model whose calls hang as long as a file is there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Hanging(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Gives the number that it is asked about."""

    n_features_in_ = 1

    def __init__(self, hang_while: str = "/nowhere") -> None:
        self.hang_while = hang_while

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        # Its process may open no such file, but see whether it is there.
        while Path(self.hang_while).exists():
            time.sleep(0.05)
        return np.asarray(X, dtype=float)[:, 0]
