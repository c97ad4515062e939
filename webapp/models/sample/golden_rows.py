"""Golden rows: a few rows of the sample whose answers must stay what they were."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from webapp.errors import GoldenRowsDiffer
from webapp.models.card.fields import GoldenRow
from webapp.models.estimator.answers import predict_answers
from webapp.models.estimator.matrix import as_matrix
from webapp.types import Answer, Instance, Signature

COUNT = 10
#: Another processor may add numbers in another order; a changed library differs by more.
RELATIVE, ABSOLUTE = 1e-7, 1e-9


def choose_golden(
    instances: Sequence[Instance], answers: Sequence[Answer], estimator: Any, signature: Signature
) -> list[GoldenRow]:
    """Choose rows evenly from one end of the answers to the other, so that each class has its turn."""
    ranked = sorted(range(len(instances)), key=lambda index: _rank(answers[index]))
    count = min(COUNT, len(ranked))
    chosen = [instances[ranked[place * (len(ranked) - 1) // max(count - 1, 1)]] for place in range(count)]
    # Asked once more among themselves, as they are at each load.
    again = predict_answers(estimator, as_matrix(chosen, signature), signature)
    return [
        GoldenRow(inputs=dict(inputs), prediction=answer.prediction, probabilities=answer.probabilities)
        for inputs, answer in zip(chosen, again, strict=True)
    ]


def check_golden(rows: Sequence[GoldenRow], estimator: Any, signature: Signature) -> None:
    """Predict the golden rows again.

    Raises
    ------
    GoldenRowsDiffer
        When an answer is not what it was, or can't be given any more.
    """
    if not rows:
        return
    try:
        answers = predict_answers(estimator, as_matrix([row.inputs for row in rows], signature), signature)
    except Exception as error:
        raise GoldenRowsDiffer(
            f"It can't answer its golden rows any more ({type(error).__name__}). {ADVICE}"
        ) from error
    wrong = sum(not _same(row, answer) for row, answer in zip(rows, answers, strict=True))
    if wrong:
        raise GoldenRowsDiffer(
            f"It answers {wrong} of its {len(rows)} golden rows differently than when it was published. {ADVICE}"
        )


ADVICE = "A library may have changed: compare the versions on its card with what is installed."


def _rank(answer: Answer) -> tuple[Any, ...]:
    each = answer.prediction if isinstance(answer.prediction, list) else [answer.prediction]
    return tuple((isinstance(value, str), str(value) if isinstance(value, str) else float(value)) for value in each)


def _same(row: GoldenRow, answer: Answer) -> bool:
    return _alike(row.prediction, answer.prediction) and _alike(row.probabilities, answer.probabilities)


def _alike(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(_alike(expected[key], found[key]) for key in expected)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_alike, expected, found))
    if _is_number(expected) and _is_number(found):
        return math.isclose(expected, found, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(expected) is type(found) and bool(expected == found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
