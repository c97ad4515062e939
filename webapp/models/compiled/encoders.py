"""Encoders: a table of what each category becomes, filled in by the encoder itself."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from webapp.models.compiled.registry import Block, NotCompilable, Numeric, Step, Unsure, step_for

#: Where one-hot encoding knows more categories, most of what comes out is zeros, and its own sparse matrix is better.
MAX_WIDTH = 1000


@step_for(OneHotEncoder, OrdinalEncoder, TargetEncoder)
def _(encoder: Any, _numeric: Numeric) -> Step:
    if isinstance(encoder, OneHotEncoder) and sum(map(len, encoder.categories_)) > MAX_WIDTH:
        raise NotCompilable("OneHotEncoder makes very many columns")
    tables = [_table(encoder, place) for place in range(len(encoder.categories_))]

    def transform(X: Block) -> Block:
        return np.hstack([codes[_places(values, places)] for (places, codes), values in zip(tables, X.T, strict=True)])

    return Step(transform, (True,) * sum(codes.shape[1] for _, codes in tables))


def _table(encoder: Any, place: int) -> tuple[Mapping[object, int], Block]:
    """Give the place of each category of one column, and a row for each place."""
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
    """Tell which columns come of one."""
    counts = getattr(encoder, "_n_features_outs", None) if isinstance(encoder, OneHotEncoder) else None
    if counts is None:
        each = width // len(encoder.categories_)
        if isinstance(encoder, TargetEncoder) and each > 1:
            raise NotCompilable("TargetEncoder makes several columns of one")
        return place * each, (place + 1) * each
    return sum(counts[:place]), sum(counts[: place + 1])


def _places(values: Sequence[object], places: Mapping[object, int]) -> list[int]:
    try:
        return [places[_key(value)] for value in values]
    except (KeyError, TypeError):
        # What an encoder makes of what it never met is its own business.
        raise Unsure from None


def _key(value: object) -> object:
    """Stand in for NaN, which does not equal itself; None is a category of its own."""
    return "NaN" if isinstance(value, float) and value != value else (isinstance(value, str), value)
