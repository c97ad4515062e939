"""Encoders: a table of the codes of each category, computed by the encoder itself."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from webapp.cell.compiled.registry import Block, NotCompilable, Numeric, Step, Unsure, step_for

#: Maximum number of categories for one-hot encoding; with more, the output is mostly zeros, for which the encoder's
#: own sparse matrix is better.
MAX_ONE_HOT_CATEGORIES = 1000


@step_for(OneHotEncoder, OrdinalEncoder, TargetEncoder)
def _(encoder: Any, _numeric: Numeric) -> Step:
    if isinstance(encoder, OneHotEncoder) and sum(map(len, encoder.categories_)) > MAX_ONE_HOT_CATEGORIES:
        raise NotCompilable(f"OneHotEncoder knows more than {MAX_ONE_HOT_CATEGORIES} categories")
    tables = [_table(encoder, place) for place in range(len(encoder.categories_))]

    def transform(X: Block) -> Block:
        return np.hstack([codes[_places(values, places)] for (places, codes), values in zip(tables, X.T, strict=True)])

    return Step(transform, (True,) * sum(codes.shape[1] for _, codes in tables))


def _table(encoder: Any, place: int) -> tuple[Mapping[object, int], Block]:
    """Return the row of each category of one column, and the codes in each row."""
    categories = list(encoder.categories_[place])
    rows = np.array([[known[0] for known in encoder.categories_]] * len(categories), dtype=object)
    rows[:, place] = categories
    with warnings.catch_warnings(action="ignore"):
        codes = encoder.transform(rows)
    codes = codes.toarray() if sparse.issparse(codes) else np.asarray(codes, dtype=float)
    start, stop = _columns(encoder, place, codes.shape[1])
    places = {_key(category): index for index, category in enumerate(categories)}
    return places, codes[:, start:stop]


def _columns(encoder: Any, place: int, width: int) -> tuple[int, int]:
    """Return where the output columns of one input column start and stop."""
    counts = getattr(encoder, "_n_features_outs", None) if isinstance(encoder, OneHotEncoder) else None
    if counts is None:
        count = width // len(encoder.categories_)
        if isinstance(encoder, TargetEncoder) and count > 1:
            raise NotCompilable("TargetEncoder makes several columns from one")
        return place * count, (place + 1) * count
    return sum(counts[:place]), sum(counts[: place + 1])


def _places(values: Sequence[object], places: Mapping[object, int]) -> list[int]:
    try:
        return [places[_key(value)] for value in values]
    except (KeyError, TypeError):
        # How an encoder treats an unknown category depends on its options, so it must do that itself.
        raise Unsure from None


def _key(value: object) -> object:
    """Return a key that also works for NaN, which does not equal itself; None is a separate category."""
    return "NaN" if isinstance(value, float) and value != value else (isinstance(value, str), value)
