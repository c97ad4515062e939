"""Turns instances into the X that an estimator predicts from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from webapp.types import Feature, Instance, Signature


def as_matrix(instances: Sequence[Instance], signature: Signature) -> Any:
    """Build a DataFrame, an array or a list of texts, column by column, in the estimator's order.

    Returns
    -------
    X : DataFrame or ndarray of shape (n_instances, n_features), or list of str
    """
    if signature.layout == "texts":
        return [instance["text"] for instance in instances]
    if signature.layout == "frame":
        return pd.DataFrame({feature.name: _series(instances, feature) for feature in signature.features})
    return np.column_stack([_column(instances, feature) for feature in signature.features])


def _series(instances: Sequence[Instance], feature: Feature) -> Any:
    if feature.categorical:
        values = [instance[feature.name] for instance in instances]
        return pd.Series(pd.Categorical(values, categories=list(feature.choices)))
    column = _column(instances, feature)
    # Without the dtype, pandas would turn texts into its own type, and None among them into NaN.
    return pd.Series(column, dtype=column.dtype)


def _column(instances: Sequence[Instance], feature: Feature) -> np.ndarray[Any, Any]:
    values: list[Any] = [instance[feature.name] for instance in instances]
    if feature.kind in ("number", "integer"):
        return np.array([math.nan if value is None else value for value in values], dtype=np.float64)
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
