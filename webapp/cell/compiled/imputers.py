"""Imputers that fill in blanks."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer

from webapp.cell.compiled.registry import Block, NotCompilable, Numeric, Step, Unsure, step_for
from webapp.cell.estimator.categories import is_missing


@step_for(SimpleImputer)
def _(imputer: Any, numeric: Numeric) -> Step:
    statistics = imputer.statistics_
    if not is_missing(imputer.missing_values) or any(map(is_missing, statistics)):
        raise NotCompilable("SimpleImputer replaces a value other than a blank, or drops columns")
    if all(numeric):
        return _numbers(imputer, statistics.astype(float), numeric)
    if imputer.add_indicator:
        raise NotCompilable("SimpleImputer marks blanks in columns that are not all numbers")
    blank = _is_none if imputer.missing_values is None else _is_nan
    return Step(lambda X: np.where(blank(X), statistics, X), numeric)


def _is_none(X: Block) -> Block:
    return np.asarray(np.equal(X, np.array(None)), dtype=bool)


def _is_nan(X: Block) -> Block:
    # Only NaN differs from itself.
    return np.asarray(np.not_equal(X, X), dtype=bool)


def _numbers(imputer: Any, statistics: Block, numeric: Numeric) -> Step:
    if imputer.missing_values is None:
        raise NotCompilable("SimpleImputer replaces None in columns of numbers")
    mark = _indicator(imputer.indicator_) if imputer.add_indicator else None

    def transform(X: Block) -> Block:
        blank = np.isnan(X)
        filled = np.where(blank, statistics, X)
        return filled if mark is None else np.hstack((filled, mark(blank)))

    return Step(transform, numeric + (True,) * (len(imputer.indicator_.features_) if mark else 0))


def _indicator(indicator: MissingIndicator) -> Any:
    features = indicator.features_
    others = np.setdiff1d(np.arange(indicator._n_features), features)

    def mark(blank: Block) -> Block:
        if indicator.error_on_new and blank[:, others].any():
            raise Unsure
        return blank[:, features].astype(float)

    return mark
