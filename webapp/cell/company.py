"""Finds out by trial whether an estimator's answer depends on the rows that are asked together with it.

One that centres its inputs over the rows of a call, for example, answers a row differently in every company.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from webapp.cell.estimator.answers import predict_answers
from webapp.cell.estimator.matrix import as_matrix
from webapp.models.compiled.made_up_instances import make_up_instances
from webapp.models.signature.example import example
from webapp.types import Answer, Instance, Signature

#: How many made-up rows are asked alone and together.
MAX_ROWS = 8
#: Seconds of processor time after which no further row is asked alone.
MAX_CPU_SECONDS = 2.0
#: Sums of the same numbers in another order differ by less; company that matters makes more of a difference.
RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-6, 1e-9
TEXTS = ("text", "another text", "a text with more words in it")
DATES = ("2024-01-15", "2023-07-01", "2019-12-31")


def depends_on_company(estimator: Any, signature: Signature, splits: Mapping[str, Sequence[float]]) -> bool:
    """Return whether made-up rows are answered differently, or only one by one, when they are asked together."""
    alone: list[tuple[Instance, Answer]] = []
    deadline = time.process_time() + MAX_CPU_SECONDS
    for row in _rows(signature, splits):
        if (answers := _answers(estimator, [row], signature)) is not None and len(answers) == 1:
            alone.append((row, answers[0]))
        if len(alone) >= 2 and time.process_time() > deadline:
            break
    if len(alone) < 2 or _differs(_answers(estimator, [alone[0][0]], signature), [alone[0][1]]):
        # One that answers a row now so, now so does that in any company.
        return False
    return _differs(_answers(estimator, [row for row, _ in alone], signature), [answer for _, answer in alone])


def _rows(signature: Signature, splits: Mapping[str, Sequence[float]]) -> list[Instance]:
    texts = {each.name: DATES if each.probed == "date" else TEXTS for each in signature.features if each.kind == "text"}
    made_up = islice(make_up_instances(signature, splits, within_range=True), MAX_ROWS - 1)
    rows = [
        {**row, **{name: values[place % len(values)] for name, values in texts.items()}}
        for place, row in enumerate(made_up)
    ]
    return [example(signature), *rows]


def _answers(estimator: Any, rows: Sequence[Instance], signature: Signature) -> list[Answer] | None:
    try:
        return predict_answers(estimator, as_matrix(rows, signature), signature)
    except Exception:
        return None


def _differs(found: Sequence[Answer] | None, expected: Sequence[Answer]) -> bool:
    if found is None or len(found) != len(expected):
        return True
    pairs = zip(found, expected, strict=True)
    return not all(
        _is_close(one.prediction, other.prediction) and _is_close(one.probabilities, other.probabilities)
        for one, other in pairs
    )


def _is_close(found: Any, expected: Any) -> bool:
    if isinstance(found, dict) and isinstance(expected, dict):
        return all(_is_close(found[key], expected[key]) for key in expected)
    if isinstance(found, list) and isinstance(expected, list):
        return all(map(_is_close, found, expected))
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    return bool(found == expected)
