"""Comparing a plan with its estimator."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from statistics import median
from typing import Any

from webapp.cell.compiled.made_up_instances import make_up_instances
from webapp.cell.compiled.plan import Plan
from webapp.cell.compiled.registry import NotCompilable, Unsure
from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.cell.signature import read_splits
from webapp.errors import PredictionFailed
from webapp.models.answers import read_answers
from webapp.types import Answer, Instance, Signature

#: Maximum relative difference that the order of additions may cause.
RELATIVE_TOLERANCE = 1e-12
#: All instances are compared at once and in batches of this size, because a plan may compute few rows in another
#: way than many.
BATCH_SIZE = 32
#: About how many instances are also compared one by one.
SINGLE_INSTANCES = 24


def prove(plan: Plan, estimator: Any, signature: Signature, sample: Sequence[Instance] = ()) -> int:
    """Compare a plan with its estimator, and return on how many instances they agree.

    Labels must be equal. Numbers must be equal bit for bit if trees compute them, and otherwise up to rounding.

    Parameters
    ----------
    sample : sequence of Instance
        Real instances, if there are any; they are compared in addition to made-up ones.

    Raises
    ------
    NotCompilable
        When they differ.
    PredictionFailed
        When the estimator answers neither all instances nor those within its training range.
    """
    splits = read_splits(estimator)
    anywhere = [*sample, *make_up_instances(signature, splits)]
    with warnings.catch_warnings(action="ignore"):
        try:
            return _compare(plan, estimator, signature, anywhere)
        except PredictionFailed:
            within_range = [*sample, *make_up_instances(signature, splits, within_range=True)]
            return _compare(plan, estimator, signature, within_range)


def _compare(plan: Plan, estimator: Any, signature: Signature, instances: Sequence[Instance]) -> int:
    try:
        expected = predict_answers(estimator, as_matrix(instances, signature), signature)
    except PredictionFailed:
        raise
    except Exception as error:
        raise PredictionFailed from error
    all_at_once = _answers_of_plan(plan, instances, signature)
    batches = [instances[start : start + BATCH_SIZE] for start in range(0, len(instances), BATCH_SIZE)]
    in_batches = [answer for batch in batches for answer in _answers_of_plan(plan, batch, signature)]
    step = max(1, len(instances) // SINGLE_INSTANCES)
    one_by_one = [_answers_of_plan(plan, [instance], signature)[0] for instance in instances[::step]]
    tolerance = None if plan.prediction.exact else _absolute_tolerance(expected)
    pairs = [*zip(all_at_once + in_batches, expected * 2, strict=True), *zip(one_by_one, expected[::step], strict=True)]
    for actual, answer in pairs:
        if not _is_equal(actual.prediction, answer.prediction, tolerance) or not _is_equal(
            actual.probabilities, answer.probabilities, tolerance
        ):
            raise NotCompilable("its compiled form gave different answers")
    return len(instances)


def _absolute_tolerance(expected: Sequence[Answer]) -> float:
    """Return a difference that is negligible next to the median answer, or next to a probability."""
    numbers = [each.prediction for each in expected if isinstance(each.prediction, float)]
    return RELATIVE_TOLERANCE * abs(median(numbers)) if numbers else RELATIVE_TOLERANCE / 1000


def _answers_of_plan(plan: Plan, instances: Sequence[Instance], signature: Signature) -> list[Answer]:
    try:
        return read_answers(*plan.predict(instances), signature)
    except Unsure:
        raise NotCompilable("its compiled form gave no answer") from None
    except PredictionFailed:
        raise NotCompilable("its compiled form gave different answers") from None


def _is_equal(actual: Any, expected: Any, tolerance: float | None) -> bool:
    if isinstance(expected, dict):
        keys = expected.keys()
        return actual.keys() == keys and all(_is_equal(actual[key], expected[key], tolerance) for key in keys)
    if isinstance(expected, list):
        pairs = zip(actual, expected, strict=True)
        return len(actual) == len(expected) and all(_is_equal(a, b, tolerance) for a, b in pairs)
    if tolerance is not None and isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(actual, expected, rel_tol=RELATIVE_TOLERANCE, abs_tol=tolerance)
    return type(actual) is type(expected) and bool(actual == expected)
