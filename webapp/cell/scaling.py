"""Whether the inputs of a model were scaled to mean 0 and spread 1, as far as its own statistics show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from webapp.cell.estimator.wrappers import unwrapped

#: The attributes in which estimators keep the rows they were fitted on, or some of them.
ALL_ROWS, SOME_ROWS = ("_fit_X", "X_train_"), ("support_vectors_",)
#: How far the means of scaled columns may be from 0, and their spreads from 1: of all rows, and of some.
ALL_MARGIN, SOME_MARGIN = 0.25, 0.6
#: Hardly any value is farther from the mean than this many times the spread.
MAX_DISTANCE = 6.0
#: With fewer thresholds, a tree shows too little of an input.
MIN_THRESHOLDS = 3


def looks_scaled(estimator: Any, splits: Mapping[str, Sequence[float]]) -> bool:
    """Return whether means and spreads, or the thresholds of trees, look as after a StandardScaler.

    Parameters
    ----------
    splits : mapping of str to sequence of float
        For each input, the thresholds of the trees that see its values as they are.
    """
    model = unwrapped(estimator)
    if (found := _means_and_spreads(model)) is not None:
        means, spreads, margin = found
        return bool(np.all(np.abs(means) < margin) and np.all(np.abs(spreads - 1) < margin))
    shown = [thresholds for thresholds in splits.values() if len(thresholds) >= MIN_THRESHOLDS]
    return bool(shown) and all(
        min(thresholds) < 0 < max(thresholds) and max(map(abs, thresholds)) < MAX_DISTANCE for thresholds in shown
    )


def _means_and_spreads(model: Any) -> tuple[Any, Any, float] | None:
    """Return the means and spreads of the inputs of a model that keeps them, and how exact they are."""
    for names, margin in ((ALL_ROWS, ALL_MARGIN), (SOME_ROWS, SOME_MARGIN)):
        for name in names:
            rows = getattr(model, name, None)
            if isinstance(rows, np.ndarray) and rows.ndim == 2 and len(rows) > 1 and rows.dtype.kind in "fiu":
                return rows.mean(axis=0), rows.std(axis=0), margin
    means, variances, shares = (getattr(model, name, None) for name in ("theta_", "var_", "class_prior_"))
    if means is None or variances is None or shares is None:
        return None
    # Gaussian naive Bayes keeps these of each class.
    mean = shares @ means
    return mean, np.sqrt(shares @ (variances + means**2) - mean**2), ALL_MARGIN
