"""Linear models: sums of products, and the predictions computed from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.models.compiled.blocks import Block, require_finite
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.links import read_class_link, read_classes, read_number_link
from webapp.models.compiled.operations import Prediction, prediction
from webapp.models.compiled.refusals import Unsure

#: Maximum number of coefficients for which each row is summed separately, so that the last bit of an answer
#: does not depend on the other rows of the request.
MAX_ROWWISE_COEFFICIENTS = 512
#: Minimum difference between the scores of two classes, or between a score and zero; below it, rounding would
#: decide the class.
MIN_SCORE_MARGIN = 1e-9


@prediction("linear number")
def _(fields: Fields, columns: int) -> Prediction:
    score, outputs = _scores(fields, columns)
    inverse = read_number_link(fields)
    return Prediction(lambda X: (inverse(score(X) if outputs > 1 else score(X)[:, 0]), None), exact=False)


@prediction("linear class")
def _(fields: Fields, columns: int) -> Prediction:
    score, outputs = _scores(fields, columns)
    classes = read_classes(fields, outputs)
    probabilities = read_class_link(fields, outputs) if fields.has("link") else None

    def predict(X: Block) -> tuple[Block, Any]:
        scores = score(X)
        if _is_close(scores):
            raise Unsure
        indices = (scores[:, 0] > 0).astype(int) if outputs == 1 else scores.argmax(axis=1)
        return classes.take(indices), probabilities(scores) if probabilities else None

    return Prediction(predict, exact=False)


def _scores(fields: Fields, columns: int) -> tuple[Callable[[Block], Block], int]:
    """Return the function from rows to their scores, and how many there are for each row."""
    coef = fields.floats("coef", None, columns)
    intercept = fields.floats("intercept", len(coef))
    by_row = coef.size <= MAX_ROWWISE_COEFFICIENTS
    # The products of a row are kept only where each row is summed separately.
    fields.reading.spend(coef.size if by_row else len(coef))

    def score(X: Block) -> Block:
        # The sum is finite only if all values of the row are; scikit-learn refuses the others with its own message.
        return require_finite(((X[:, np.newaxis, :] * coef).sum(axis=2) if by_row else X @ coef.T) + intercept)

    return score, len(coef)


def _is_close(scores: Block) -> bool:
    if scores.shape[1] == 1:
        return bool(np.abs(scores).min() < MIN_SCORE_MARGIN)
    ordered = np.sort(scores, axis=1)
    return bool((ordered[:, -1] - ordered[:, -2]).min() < MIN_SCORE_MARGIN)
