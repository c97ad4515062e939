"""Forests, whose answer is the mean of their trees' values, and boosting, whose answer is computed from their sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from webapp.models.compiled.blocks import Block, as_float32
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.grove import Grove
from webapp.models.compiled.links import as_objects, read_class_link, read_classes, read_number_link
from webapp.models.compiled.operations import Prediction, prediction
from webapp.models.compiled.refusals import PlanInvalid, Unsure


@prediction("forest")
def _(fields: Fields, columns: int) -> Prediction:
    labels = fields.labels("classes") if fields.has("classes") else None
    outputs = 1 if labels is None else len(labels)
    grove = Grove(fields.inner("grove"), columns, outputs)
    values = fields.floats("values", grove.nodes, outputs)

    def mean(X: Block) -> Block:
        if grove.trees == 1:
            return np.asarray(values.take(grove.leaves(as_float32(X))[0], axis=0))
        # cumsum adds tree by tree, in scikit-learn's order, so that the bits are the same.
        total: Block = np.cumsum(values.take(grove.leaves(as_float32(X)), axis=0), axis=0)[-1]
        return total / grove.trees

    if labels is None:
        return Prediction(lambda X: (mean(X)[:, 0], None), exact=True)
    classes = as_objects(labels)

    def predict(X: Block) -> tuple[Block, Any]:
        probabilities = mean(X)
        return classes.take(probabilities.argmax(axis=1)), probabilities

    return Prediction(predict, exact=True)


@prediction("boosted number")
def _(fields: Fields, columns: int) -> Prediction:
    raw_scores, outputs = _raw_scores(fields, columns)
    inverse = read_number_link(fields)
    if outputs != 1:
        raise PlanInvalid("there are scores for several numbers")
    return Prediction(lambda X: (inverse(raw_scores(X).ravel()), None), exact=True)


@prediction("boosted class")
def _(fields: Fields, columns: int) -> Prediction:
    raw_scores, outputs = _raw_scores(fields, columns)
    classes, probabilities = read_classes(fields, outputs), read_class_link(fields, outputs)
    # Two kinds of boosting differ in which of two classes a score of zero means.
    is_second = np.greater_equal if fields.flag("zero is second") else np.greater

    def predict(X: Block) -> tuple[Block, Any]:
        scores = raw_scores(X)
        indices = is_second(scores[:, 0], 0).astype(int) if outputs == 1 else scores.argmax(axis=1)
        return classes.take(indices), probabilities(scores)

    return Prediction(predict, exact=True)


def _raw_scores(fields: Fields, columns: int) -> tuple[Callable[[Block], Block], int]:
    """Return the function from rows to the sums of the trees' values, and how many there are for each row."""
    initial = fields.floats("initial", None)
    outputs = len(initial)
    grove = Grove(fields.inner("grove"), columns, 1)
    values = fields.floats("values", grove.nodes)
    narrow = as_float32 if fields.flag("32 bits") else _without_infinity
    if grove.trees % outputs:
        raise PlanInvalid("the trees can't be divided among the scores")

    def raw_scores(X: Block) -> Block:
        added = np.empty((1 + grove.trees // outputs, len(X), outputs))
        added[0] = initial
        added[1:] = values.take(grove.leaves(narrow(X))).reshape(-1, outputs, len(X)).transpose(0, 2, 1)
        # cumsum adds tree by tree, in scikit-learn's order, so that the bits are the same.
        return np.asarray(np.cumsum(added, axis=0)[-1])

    return raw_scores, outputs


def _without_infinity(X: Block) -> Block:
    if np.isinf(X).any():
        raise Unsure
    return X
