"""How estimators of other libraries say what scikit-learn says in ``feature_names_in_`` and ``n_features_in_``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.cell.estimator.boosters import LightGBM, has_names
from webapp.errors import NotServable

BY_FORMULA = (
    "It was fitted with a formula of statsmodels, which reads other columns than it names. Fit it with the columns "
    "themselves, as in OLS(y, X), and dump it again."
)


def names_of_inputs(estimator: Any) -> Sequence[Any] | None:
    """Return the names of the columns that an estimator was fitted on; None if it does not say.

    Raises
    ------
    NotServable
        When a formula made them from others.
    """
    if _is_of(estimator, "catboost"):
        # Read from a file, it has forgotten how many there are.
        return list(estimator.feature_names_)
    if _is_of(estimator, "statsmodels"):
        model = getattr(estimator, "model", None)
        if getattr(model, "formula", None) is not None:
            raise NotServable(BY_FORMULA)
        return getattr(model, "exog_names", None)
    if isinstance(estimator, LightGBM) and not hasattr(estimator, "feature_names_in_"):
        # LightGBM before 4.
        return list(estimator.feature_name_) if has_names(estimator.booster_) else None  # type: ignore[attr-defined]
    return getattr(estimator, "feature_names_in_", None)


def count_of_inputs(estimator: Any) -> int | None:
    """Return how many columns an estimator was fitted on; None if it does not say."""
    if _is_of(estimator, "pygam"):
        return getattr(estimator, "statistics_", {}).get("m_features")
    if _is_of(estimator, "mlxtend"):
        parts: Any = getattr(estimator, "clfs_", None) or getattr(estimator, "regr_", ())
        counts = {count_of_inputs(part) for part in parts}
        return counts.pop() if len(counts) == 1 else None
    count = getattr(estimator, "n_features_in_", None)
    return None if count is None else int(count)


def _is_of(estimator: Any, library: str) -> bool:
    return type(estimator).__module__.partition(".")[0] == library
