"""Imputers that fill in blanks."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer

from webapp.cell.compiled.registry import Operation, Step, as_floats, as_indices, step_for
from webapp.cell.estimator.categories import is_missing
from webapp.models.compiled.blocks import Numeric
from webapp.models.compiled.labels import write_label
from webapp.models.compiled.refusals import NotCompilable


@step_for(SimpleImputer)
def _(imputer: Any, numeric: Numeric) -> Step:
    statistics = imputer.statistics_
    if not is_missing(imputer.missing_values) or any(map(is_missing, statistics)):
        raise NotCompilable("SimpleImputer replaces a value other than a blank, or drops columns")
    if all(numeric):
        return _numbers(imputer, numeric)
    if imputer.add_indicator:
        raise NotCompilable("SimpleImputer marks blanks in columns that are not all numbers")
    fillings = list(map(write_label, statistics))
    return Step([{"operation": "fill", "fillings": fillings, "none": imputer.missing_values is None}], numeric)


def _numbers(imputer: Any, numeric: Numeric) -> Step:
    if imputer.missing_values is None:
        raise NotCompilable("SimpleImputer replaces None in columns of numbers")
    impute: Operation = {"operation": "impute", "fillings": as_floats(imputer.statistics_)}
    marked = as_indices(imputer.indicator_.features_ if imputer.add_indicator else [])
    others = as_indices(np.setdiff1d(np.arange(len(numeric)), marked))
    impute["marked"] = marked if len(marked) else None
    impute["complete"] = others if imputer.add_indicator and imputer.indicator_.error_on_new and len(others) else None
    return Step([impute], numeric + (True,) * len(marked))
