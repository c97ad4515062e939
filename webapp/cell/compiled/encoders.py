"""Encoders: a table of the codes of each category, computed by the encoder itself."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from webapp.cell.compiled.registry import Step, as_floats, step_for
from webapp.cell.estimator.newer_types import TargetEncoder
from webapp.models.compiled.blocks import Block, Numeric
from webapp.models.compiled.labels import write_label
from webapp.models.compiled.refusals import NotCompilable

#: Maximum number of categories for one-hot encoding; with more, the output is mostly zeros, for which the encoder's
#: own sparse matrix is better.
MAX_ONE_HOT_CATEGORIES = 1000


@step_for(OneHotEncoder, OrdinalEncoder, TargetEncoder)
def _(encoder: Any, _numeric: Numeric) -> Step:
    if isinstance(encoder, OneHotEncoder) and sum(map(len, encoder.categories_)) > MAX_ONE_HOT_CATEGORIES:
        raise NotCompilable(f"OneHotEncoder knows more than {MAX_ONE_HOT_CATEGORIES} categories")
    codes = [_codes(encoder, place) for place in range(len(encoder.categories_))]
    tables = [
        {"categories": list(map(write_label, categories)), "codes": each}
        for categories, each in zip(encoder.categories_, codes, strict=True)
    ]
    return Step([{"operation": "encode", "tables": tables}], (True,) * sum(each.shape[1] for each in codes))


def _codes(encoder: Any, place: int) -> Block:
    """Return the codes of each category of one column."""
    categories = list(encoder.categories_[place])
    rows = np.array([[known[0] for known in encoder.categories_]] * len(categories), dtype=object)
    rows[:, place] = categories
    with warnings.catch_warnings(action="ignore"):
        codes = encoder.transform(rows)
    codes = as_floats(codes.toarray() if sparse.issparse(codes) else codes)
    start, stop = _columns(encoder, place, codes.shape[1])
    return codes[:, start:stop]


def _columns(encoder: Any, place: int, width: int) -> tuple[int, int]:
    """Return where the output columns of one input column start and stop."""
    counts = getattr(encoder, "_n_features_outs", None) if isinstance(encoder, OneHotEncoder) else None
    if counts is None:
        count = width // len(encoder.categories_)
        if isinstance(encoder, TargetEncoder) and count > 1:
            raise NotCompilable("TargetEncoder makes several columns from one")
        return place * count, (place + 1) * count
    return sum(counts[:place]), sum(counts[: place + 1])
