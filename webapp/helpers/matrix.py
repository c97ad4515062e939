"""From instances to the X that an estimator takes."""

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
    columns = {feature.name: _column(instances, feature) for feature in signature.features}
    if signature.layout == "frame":
        return pd.DataFrame(columns)
    return np.column_stack(list(columns.values()))


def _column(instances: Sequence[Instance], feature: Feature) -> np.ndarray[Any, Any]:
    values: list[Any] = [instance[feature.name] for instance in instances]
    if feature.kind in ("number", "integer"):
        return np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    filled = [feature.missing if value is None else value for value in values]
    if feature.choices and all(isinstance(choice, bool | int | float) for choice in feature.choices):
        blank_flag = feature.kind == "boolean" and None in values
        return np.array(filled, dtype=object if blank_flag or None in filled else None)
    column = np.empty(len(filled), dtype=object)
    column[:] = filled
    return column
