"""How estimators of other libraries say what scikit-learn says in ``feature_names_in_`` and ``n_features_in_``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.cell.estimator.boosters import CatBoost, LightGBM, Named, has_names
from webapp.errors import NotServable

BY_FORMULA = (
    "It was fitted with a formula of statsmodels, which reads other columns than it names. Fit it with the columns "
    "themselves, as in OLS(y, X), and dump it again."
)
PASSES_ON = "Its DataFrameMapper passes on columns that it doesn't name. Fit it with default=False."


class DataFrameMapper(Named):
    """sklearn-pandas' step that has other steps for some columns of a table."""

    names = ("sklearn_pandas.dataframe_mapper", "DataFrameMapper")


def names_of_inputs(estimator: Any) -> Sequence[Any] | None:
    """Return the names of the columns that an estimator was fitted on; None if it does not say.

    Raises
    ------
    NotServable
        When a formula made them from others, or a step takes others that it does not name.
    """
    if isinstance(estimator, CatBoost):
        # Read from a file, it has forgotten how many there are.
        return list(estimator.feature_names_)  # type: ignore[attr-defined]
    if isinstance(estimator, DataFrameMapper):
        if estimator.default is not False:  # type: ignore[attr-defined]
            raise NotServable(PASSES_ON)
        return list(dict.fromkeys(name for names, _ in mapped_steps(estimator) for name in names))
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


def mapped_steps(mapper: Any) -> list[tuple[list[str], Any]]:
    """Return the fitted steps of a DataFrameMapper, each with the names of its columns."""
    mapped = ((columns, step) for columns, step, *_ in mapper.built_features)
    return [([columns] if isinstance(columns, str) else list(columns), step) for columns, step in mapped]


def _is_of(estimator: Any, library: str) -> bool:
    return type(estimator).__module__.partition(".")[0] == library
