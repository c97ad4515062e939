"""The plan: everything between instances and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# These modules register their operations when they are imported.
from webapp.models.compiled import categories, composites, linear, numbers, trees  # noqa: F401
from webapp.models.compiled.blocks import Block
from webapp.models.compiled.fields import Fields, Reading
from webapp.models.compiled.operations import Prediction, Transform, read_chain, read_prediction, require_numbers
from webapp.models.compiled.plan_data import split
from webapp.models.compiled.refusals import PlanInvalid, Unsure
from webapp.types import Instance, Value


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Predicts instead of an estimator."""

    #: The columns in the estimator's order, and the value that represents a blank in each.
    names: tuple[str, ...]
    blanks: tuple[Value, ...]
    dtype: type
    transform: Transform
    prediction: Prediction
    max_rows: int

    @property
    def exact(self) -> bool:
        """Whether it gives the same bits as the estimator, and not only the same numbers up to rounding."""
        return self.prediction.exact

    def predict(self, instances: Sequence[Instance]) -> tuple[Block, Any]:
        """Return what ``predict`` and ``predict_proba`` of the estimator would return.

        Raises
        ------
        Unsure
            When the estimator itself must predict these instances.
        """
        if len(instances) > self.max_rows:
            raise Unsure
        rows = [[instance.get(name) for name in self.names] for instance in instances]
        if self.dtype is object:
            for row in rows:
                if None in row:
                    row[:] = [blank if value is None else value for value, blank in zip(row, self.blanks, strict=True)]
        # NumPy turns None into NaN in an array of floats.
        return self.prediction.predict(self.transform(np.array(rows, dtype=self.dtype)))


def read_plan(data: bytes | memoryview) -> Plan:
    """Read a plan and check all of it; its arrays stay where they are in these data.

    Raises
    ------
    PlanInvalid
        For data that are not exactly right.
    """
    operations, arrays = split(data)
    reading = Reading(arrays)
    fields = Fields(operations, reading)
    names, numeric, blanks = fields.texts("names"), tuple(fields.flags("numeric")), fields.labels("blanks")
    if not 0 < len(names) == len(numeric) == len(blanks):
        raise PlanInvalid("there is no column, or not one type and one blank for each")
    reading.spend(len(names))
    step = read_chain(fields.inners("steps"), numeric)
    prediction = read_prediction(fields.inner("prediction"), require_numbers(step.numeric))
    fields.finish()
    return Plan(
        names=tuple(names),
        blanks=tuple(blanks),
        dtype=float if all(numeric) else object,
        transform=step.transform,
        prediction=prediction,
        max_rows=reading.finish(),
    )
