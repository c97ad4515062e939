"""Turns instances into the X that an estimator predicts from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from webapp.models.crossing.instances import Columns, columns_of
from webapp.types import Feature, Instance, Signature


def as_matrix(instances: Sequence[Instance], signature: Signature) -> Any:
    """Build a DataFrame or an array in the estimator's order, or a list of texts or of dicts.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_instances, n_features), or list of str or dict
    """
    return matrix_of(columns_of(instances, signature), signature)


def matrix_of(columns: Columns, signature: Signature) -> Any:
    """Build the same from the values of each feature."""
    if signature.layout == "texts":
        return list(columns["text"])
    if signature.layout == "dicts":
        return _dicts(columns)
    if signature.layout == "frame":
        return pd.DataFrame({each.name: _series(columns[each.name], each) for each in signature.features})
    return np.column_stack([_column(columns[each.name], each) for each in signature.features])


def _dicts(columns: Columns) -> list[dict[str, Any]]:
    """Return a dict for each instance, without its blanks."""
    values = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values()]
    return [
        {name: value for name, value in zip(columns, row, strict=True) if value is not None and value == value}
        for row in zip(*values, strict=True)
    ]


def _series(values: Any, feature: Feature) -> Any:
    if feature.categorical:
        return pd.Series(pd.Categorical(values, categories=list(feature.choices)))
    column = _column(values, feature)
    # Without the dtype, pandas would turn texts into its own type, and None among them into NaN.
    return pd.Series(column, dtype=column.dtype)


def _column(values: Any, feature: Feature) -> np.ndarray[Any, Any]:
    if isinstance(values, np.ndarray):
        return values
    filled = [feature.missing if value is None else value for value in values]
    column = np.empty(len(filled), dtype=object)
    column[:] = filled
    return column.astype(_dtype(feature))


def _dtype(feature: Feature) -> type:
    """Choose the type that the column had in training, as far as the categories show it.

    Where blanks occurred, booleans must have been objects, and numbers floats unless a blank was None.
    """
    types = {type(choice) for choice in feature.choices}
    if types == {bool} and not feature.optional:
        return bool
    if types and types <= {int, float} and feature.missing is not None:
        return object if any(isinstance(choice, int) and abs(choice) > 2**53 for choice in feature.choices) else float
    return object
