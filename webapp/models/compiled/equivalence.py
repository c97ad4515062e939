"""Comparing a plan with its estimator."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from webapp.errors import PredictionFailed
from webapp.models.answers import read_answers
from webapp.models.compiled.made_up_instances import make_up_instances
from webapp.models.compiled.plan import Plan
from webapp.models.compiled.refusals import NotCompilable, Unsure
from webapp.types import Answer, Instance, Signature

#: Returns the estimator's answers.
Predict = Callable[[Sequence[Instance]], list[Answer]]

#: Maximum relative difference that the order of additions may cause.
RELATIVE_TOLERANCE = 1e-12
#: All instances are compared at once and in batches of this size, because a plan may compute few rows in another
#: way than many.
BATCH_SIZE = 32
#: About how many instances are also compared one by one.
SINGLE_INSTANCES = 24


def prove(
    plan: Plan,
    predict: Predict,
    signature: Signature,
    splits: Mapping[str, Sequence[float]],
    sample: Sequence[Instance] = (),
) -> int:
    """Compare a plan with its estimator, and return on how many instances they agree.

    Labels must be equal. Numbers must be equal bit for bit if trees compute them, and otherwise up to rounding.

    Parameters
    ----------
    predict : callable
        Asks the estimator, and raises PredictionFailed if that can't answer.
    splits : mapping of str to sequence of float
        Thresholds at which trees split each feature.
    sample : sequence of Instance
        Real instances, if there are any; they are compared in addition to made-up ones.

    Raises
    ------
    NotCompilable
        When they differ, or when the plan does not answer a few instances.
    PredictionFailed
        When the estimator answers neither all instances nor those within its training range.
    """
    anywhere = [*sample, *make_up_instances(signature, splits)]
    with warnings.catch_warnings(action="ignore"):
        try:
            return _compare(plan, predict, signature, anywhere)
        except PredictionFailed:
            within_range = [*sample, *make_up_instances(signature, splits, within_range=True)]
            return _compare(plan, predict, signature, within_range)


def _compare(plan: Plan, predict: Predict, signature: Signature, instances: Sequence[Instance]) -> int:
    expected = predict(instances)
    try:
        all_at_once = _answers_of_plan(plan, instances, signature)
    except Unsure:
        # The estimator predicts many instances itself.
        all_at_once = expected
    batches = [instances[start : start + BATCH_SIZE] for start in range(0, len(instances), BATCH_SIZE)]
    step = max(1, len(instances) // SINGLE_INSTANCES)
    try:
        in_batches = [answer for batch in batches for answer in _answers_of_plan(plan, batch, signature)]
        one_by_one = [_answers_of_plan(plan, [instance], signature)[0] for instance in instances[::step]]
    except Unsure:
        raise NotCompilable("its compiled form gave no answer") from None
    tolerance = None if plan.exact else _absolute_tolerance(expected)
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
