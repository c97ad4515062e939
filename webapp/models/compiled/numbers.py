"""Operations on blocks of numbers: scaling, clipping, selecting, filling in blanks."""

from __future__ import annotations

import numpy as np

from webapp.models.compiled.blocks import Block, Numeric, require_finite
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.operations import Step, require_numbers, step
from webapp.models.compiled.refusals import PlanInvalid, Unsure

#: NumPy's functions of one number whose results are floats.
UFUNC_NAMES = (
    "absolute arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh deg2rad degrees exp exp2 expm1 fabs "
    "floor log log10 log1p log2 negative positive rad2deg radians reciprocal rint sign sin sinh sqrt square tan tanh "
    "trunc"
)
UFUNCS: dict[str, np.ufunc] = {name: getattr(np, name) for name in UFUNC_NAMES.split()}


@step("scale")
def _(fields: Fields, numeric: Numeric) -> Step:
    columns = require_numbers(numeric)
    center = fields.floats("center", columns) if fields.has("center") else None
    divisor = fields.floats("divisor", columns) if fields.has("divisor") else None

    def transform(X: Block) -> Block:
        if center is not None:
            X = X - center
        return X if divisor is None else X / divisor

    return Step(transform, numeric)


@step("multiply and add")
def _(fields: Fields, numeric: Numeric) -> Step:
    columns = require_numbers(numeric)
    factor, summand = fields.floats("factor", columns), fields.floats("summand", columns)
    return Step(lambda X: X * factor + summand, numeric)


@step("clip")
def _(fields: Fields, numeric: Numeric) -> Step:
    require_numbers(numeric)
    low, high = fields.number("low"), fields.number("high")
    return Step(lambda X: np.clip(X, low, high), numeric)


@step("refuse infinity")
def _(_fields: Fields, numeric: Numeric) -> Step:
    require_numbers(numeric)
    return Step(_refuse_infinity, numeric)


def _refuse_infinity(X: Block) -> Block:
    if np.isinf(X).any():
        raise Unsure
    return X


@step("require finite")
def _(_fields: Fields, numeric: Numeric) -> Step:
    require_numbers(numeric)
    return Step(require_finite, numeric)


@step("ufunc")
def _(fields: Fields, numeric: Numeric) -> Step:
    require_numbers(numeric)
    name = fields.text("name")
    if name not in UFUNCS:
        raise PlanInvalid("a function is not known")
    return Step(UFUNCS[name], numeric)


@step("select")
def _(fields: Fields, numeric: Numeric) -> Step:
    columns = require_numbers(numeric)
    selected = fields.indices("columns", None, columns)
    dropped = np.setdiff1d(np.arange(columns), selected)

    def transform(X: Block) -> Block:
        # A selector also checks the columns that it drops, and refuses a number that is not finite.
        require_finite(X[:, dropped])
        return X[:, selected]

    return Step(transform, (True,) * len(selected))


@step("impute")
def _(fields: Fields, numeric: Numeric) -> Step:
    columns = require_numbers(numeric)
    fillings = fields.floats("fillings", columns)
    marked = fields.indices("marked", None, columns) if fields.has("marked") else np.zeros(0, np.int32)
    # The columns in which a blank is an error, because training had none.
    complete = fields.indices("complete", None, columns) if fields.has("complete") else None

    def transform(X: Block) -> Block:
        blank = np.isnan(X)
        if complete is not None and blank[:, complete].any():
            raise Unsure
        filled = np.where(blank, fillings, X)
        return np.hstack((filled, blank[:, marked].astype(float))) if len(marked) else filled

    return Step(transform, numeric + (True,) * len(marked))
