"""Whether a plan gives what its estimator gives."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from statistics import median
from typing import Any

from webapp.errors import PredictionFailed
from webapp.models.compiled.made_up_instances import trials
from webapp.models.compiled.plan import Plan
from webapp.models.compiled.registry import NotCompilable, Unsure
from webapp.models.estimator.answers import predict_answers, read_answers
from webapp.models.estimator.matrix import as_matrix
from webapp.models.signature import read_splits
from webapp.types import Answer, Instance, Signature

#: What the order in which numbers are added up may change, relative to the number.
ROUNDING = 1e-12
#: All instances are compared at once and so many at a time, and some one by one, because few rows may take
#: another way than many.
FEW, ALONE = 32, 24


def prove(plan: Plan, estimator: Any, signature: Signature, sample: Sequence[Instance] = ()) -> int:
    """Compare a plan with its estimator, and tell on how many instances they agree.

    Labels must be the same, and numbers too, bit for bit where trees give them, else but for rounding.

    Parameters
    ----------
    sample : sequence of Instance
        Real instances, if there are any; made-up ones are tried anyhow.

    Raises
    ------
    NotCompilable
        When they differ, or the estimator answers no instance.
    """
    splits = read_splits(estimator)
    wild = [*sample, *trials(signature, splits)]
    with warnings.catch_warnings(action="ignore"):
        try:
            return _compare(plan, estimator, signature, wild)
        except PredictionFailed:
            tame = [*sample, *trials(signature, splits, tame=True)]
            return _compare(plan, estimator, signature, tame)


def _compare(plan: Plan, estimator: Any, signature: Signature, instances: Sequence[Instance]) -> int:
    try:
        expected = predict_answers(estimator, as_matrix(instances, signature), signature)
    except PredictionFailed:
        raise
    except Exception as error:
        raise PredictionFailed from error
    together = _planned(plan, instances, signature)
    few = [each for at in range(0, len(instances), FEW) for each in _planned(plan, instances[at : at + FEW], signature)]
    step = max(1, len(instances) // ALONE)
    alone = [_planned(plan, [instance], signature)[0] for instance in instances[::step]]
    rounding = None if plan.prediction.exact else _rounding(expected)
    both = [*zip(together + few, expected * 2, strict=True), *zip(alone, expected[::step], strict=True)]
    for found, wanted in both:
        if not _alike(found.prediction, wanted.prediction, rounding) or not _alike(
            found.probabilities, wanted.probabilities, rounding
        ):
            raise NotCompilable("its compiled form gave other numbers")
    return len(instances)


def _rounding(expected: Sequence[Answer]) -> float:
    """Give the difference that is nothing next to what is usually answered."""
    numbers = [each.prediction for each in expected if isinstance(each.prediction, float)]
    return ROUNDING * abs(median(numbers)) if numbers else ROUNDING / 1000


def _planned(plan: Plan, instances: Sequence[Instance], signature: Signature) -> list[Answer]:
    try:
        return read_answers(*plan.predict(instances), signature)
    except Unsure:
        raise NotCompilable("its compiled form gave no answer") from None
    except PredictionFailed:
        raise NotCompilable("its compiled form gave other numbers") from None


def _alike(found: Any, wanted: Any, rounding: float | None) -> bool:
    if isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(_alike(found[key], wanted[key], rounding) for key in wanted)
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(_alike(a, b, rounding) for a, b in zip(found, wanted, strict=True))
    if rounding is not None and isinstance(wanted, float) and isinstance(found, float):
        return math.isclose(found, wanted, rel_tol=ROUNDING, abs_tol=rounding)
    return type(found) is type(wanted) and bool(found == wanted)
