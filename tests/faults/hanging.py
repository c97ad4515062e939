"""A model whose calls hang as long as a file is there: HANG_WHILE names it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Hanging(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Gives the number that it is asked about."""

    n_features_in_ = 1

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: Any) -> Any:
        while Path(os.environ.get("HANG_WHILE", "/nowhere")).exists():
            time.sleep(0.05)
        return np.asarray(X, dtype=float)[:, 0]
