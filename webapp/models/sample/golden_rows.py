"""Golden rows: a few rows of the sample for which the model must keep giving the same answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from webapp.errors import GoldenRowsDiffer, ModelProcessFailed, PredictionFailed
from webapp.models.card.fields import GoldenRow
from webapp.types import Answer, Instance

#: Answers instances in one call of the estimator.
Predict = Callable[[Sequence[Instance]], Sequence[Answer]]

MAX_GOLDEN_ROWS = 10
#: Another processor may add numbers in another order; a changed library differs by more.
RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-7, 1e-9


def choose_golden(instances: Sequence[Instance], answers: Sequence[Answer], predict: Predict) -> list[GoldenRow]:
    """Choose rows evenly from the lowest answer to the highest, so that each class is represented."""
    ranked = sorted(range(len(instances)), key=lambda index: _rank(answers[index]))
    count = min(MAX_GOLDEN_ROWS, len(ranked))
    chosen = [instances[ranked[place * (len(ranked) - 1) // max(count - 1, 1)]] for place in range(count)]
    # Predicted again as one batch, which is how each load checks them.
    again = predict(chosen)
    return [
        GoldenRow(inputs=dict(inputs), prediction=answer.prediction, probabilities=answer.probabilities)
        for inputs, answer in zip(chosen, again, strict=True)
    ]


def check_golden(rows: Sequence[GoldenRow], predict: Predict) -> None:
    """Predict the golden rows again.

    Raises
    ------
    GoldenRowsDiffer
        When an answer has changed, or the model fails.
    ModelProcessFailed
    """
    if not rows:
        return
    try:
        answers = predict([row.inputs for row in rows])
    except (ModelProcessFailed, MemoryError):
        # Time or memory that is short now says nothing about the model.
        raise
    except Exception as error:
        # Its card may lack an input.
        kind = error.kind if isinstance(error, PredictionFailed) else type(error).__name__
        raise GoldenRowsDiffer(f"It can no longer answer its golden rows ({kind}). {ADVICE}") from error
    wrong = sum(not _is_same(row, answer) for row, answer in zip(rows, answers, strict=True))
    if wrong:
        raise GoldenRowsDiffer(
            f"It answers {wrong} of its {len(rows)} golden rows differently from when it was published. {ADVICE}"
        )


ADVICE = "A library may have changed: compare the versions on its card with what is installed."


def _rank(answer: Answer) -> tuple[Any, ...]:
    values = answer.prediction if isinstance(answer.prediction, list) else [answer.prediction]
    return tuple((isinstance(value, str), str(value) if isinstance(value, str) else float(value)) for value in values)


def _is_same(row: GoldenRow, answer: Answer) -> bool:
    return _is_close(row.prediction, answer.prediction) and _is_close(row.probabilities, answer.probabilities)


def _is_close(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(_is_close(expected[key], found[key]) for key in expected)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_is_close, expected, found))
    if _is_number(expected) and _is_number(found):
        return math.isclose(expected, found, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)
    return type(expected) is type(found) and bool(expected == found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
