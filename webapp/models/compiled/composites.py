"""Operations that contain others."""

from __future__ import annotations

import numpy as np

from webapp.models.compiled.blocks import Block, Numeric
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.operations import Step, read_chain, step
from webapp.models.compiled.refusals import PlanInvalid


@step("side by side")
def _(fields: Fields, numeric: Numeric) -> Step:
    parts = [_part(each, numeric) for each in fields.inners("parts")]
    if not parts:
        raise PlanInvalid("nothing stands side by side")
    if len(parts) == 1:
        return parts[0]
    return Step(
        lambda X: np.hstack([part.transform(X) for part in parts]),
        tuple(each for part in parts for each in part.numeric),
    )


def _part(fields: Fields, numeric: Numeric) -> Step:
    """Read operations on some of the columns, which they get as floats if all of them are numbers."""
    columns = fields.indices("columns", None, len(numeric))
    selected = tuple(numeric[column] for column in columns)
    inner = read_chain(fields.inners("operations"), selected)
    has_all = len(columns) == len(numeric) and bool((columns == np.arange(len(numeric))).all())
    as_floats = all(selected) and not all(numeric)
    fields.reading.spend(len(columns))

    def transform(X: Block) -> Block:
        X = X if has_all else X[:, columns]
        return inner.transform(X.astype(float) if as_floats else X)

    return Step(transform, inner.numeric)
