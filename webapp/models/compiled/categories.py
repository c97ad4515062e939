"""Operations on columns that may hold texts: filling in blanks, and encoding by a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from webapp.models.compiled.blocks import Block, Numeric
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.operations import Step, step
from webapp.models.compiled.refusals import PlanInvalid, Unsure


@step("fill")
def _(fields: Fields, numeric: Numeric) -> Step:
    fillings = np.empty(len(numeric), dtype=object)
    labels = fields.labels("fillings")
    if len(labels) != len(numeric) or all(numeric):
        raise PlanInvalid("there is not one filling for each column, or all columns hold numbers")
    fillings[:] = labels
    is_blank = _is_none if fields.flag("none") else _is_nan
    return Step(lambda X: np.where(is_blank(X), fillings, X), numeric)


def _is_none(X: Block) -> Block:
    return np.asarray(np.equal(X, np.array(None)), dtype=bool)


def _is_nan(X: Block) -> Block:
    # Only NaN differs from itself.
    return np.asarray(np.not_equal(X, X), dtype=bool)


@step("encode")
def _(fields: Fields, numeric: Numeric) -> Step:
    tables = [_table(each) for each in fields.inners("tables")]
    if len(tables) != len(numeric):
        raise PlanInvalid("there is not one table for each column")

    def transform(X: Block) -> Block:
        return np.hstack([codes[_places(values, places)] for (places, codes), values in zip(tables, X.T, strict=True)])

    return Step(transform, (True,) * sum(codes.shape[1] for _, codes in tables))


def _table(fields: Fields) -> tuple[Mapping[object, int], Block]:
    """Return the row of each category of one column, and the codes in each row."""
    categories = fields.labels("categories")
    # An encoder may encode a blank as NaN.
    codes = fields.floats("codes", len(categories), None, finite=False)
    return {_key(category): place for place, category in enumerate(categories)}, codes


def _places(values: Sequence[object], places: Mapping[object, int]) -> list[int]:
    try:
        return [places[_key(value)] for value in values]
    except (KeyError, TypeError):
        # How an encoder treats an unknown category depends on its options, so it must do that itself.
        raise Unsure from None


def _key(value: object) -> object:
    """Return a key that also works for NaN, which does not equal itself; None is a separate category."""
    return "NaN" if isinstance(value, float) and value != value else (isinstance(value, str), value)
