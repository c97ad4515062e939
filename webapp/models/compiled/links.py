"""From scores to predictions: the inverses of scikit-learn's link functions, with the same bits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from webapp.models.compiled.blocks import Block
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.refusals import PlanInvalid
from webapp.types import Value


def expit(score: float) -> float:
    """Return the logistic function of a score."""
    # SciPy's uses the exponential function of the C library, as Python does; NumPy's may differ in the last bit.
    try:
        return 1 / (1 + math.exp(-score))
    except OverflowError:
        return 0.0


def logistic(scores: Block) -> Block:
    """Return the probabilities of two classes, given a column of scores."""
    return np.array([(1 - second, second) for second in map(expit, scores[:, 0].tolist())])


def half_logistic(scores: Block) -> Block:
    """Do the same for scores that are half as large."""
    return logistic(2 * scores)


def softmax(scores: Block) -> Block:
    """Return the probabilities of several classes, given a column of scores for each."""
    return normalized(np.exp(scores - scores.max(axis=1, keepdims=True)))


def one_against_rest(scores: Block) -> Block:
    """Do the same for scores of each class against all others."""
    probabilities = np.array([list(map(expit, row)) for row in scores.tolist()])
    # If the probabilities of all classes are zero, scikit-learn makes all classes equally probable.
    probabilities[~probabilities.any(axis=1)] = 1
    return normalized(probabilities)


def normalized(probabilities: Block) -> Block:
    total: Block = probabilities.sum(axis=1, keepdims=True)
    return np.divide(probabilities, total)


#: By name, for numbers and for classes; the latter with whether there is a single column of scores.
NUMBER_LINKS: dict[str, Callable[[Block], Block]] = {"identity": lambda scores: scores, "log": np.exp}
CLASS_LINKS: dict[str, tuple[Callable[[Block], Block], bool]] = {
    "logit": (logistic, True),
    "half logit": (half_logistic, True),
    "multinomial": (softmax, False),
    "one against rest": (one_against_rest, False),
}


def read_number_link(fields: Fields) -> Callable[[Block], Block]:
    """Return the function from scores to numbers.

    Raises
    ------
    PlanInvalid
    """
    try:
        return NUMBER_LINKS[fields.text("link")]
    except KeyError:
        raise PlanInvalid("a link is not known") from None


def read_class_link(fields: Fields, scores: int) -> Callable[[Block], Block]:
    """Return the function from so many columns of scores to probabilities.

    Raises
    ------
    PlanInvalid
    """
    link, is_single = CLASS_LINKS.get(fields.text("link"), (softmax, None))
    if is_single != (scores == 1):
        raise PlanInvalid("a link is not known, or not for so many scores")
    return link


def read_classes(fields: Fields, scores: int) -> Block:
    """Return the classes that so many columns of scores distinguish.

    Raises
    ------
    PlanInvalid
    """
    labels: list[Value] = fields.labels("classes")
    if len(labels) != (2 if scores == 1 else scores):
        raise PlanInvalid("there are more or fewer classes than scores")
    return as_objects(labels)


def as_objects(labels: list[Value]) -> Block:
    """Return the labels as an array that leaves each its type."""
    classes = np.empty(len(labels), dtype=object)
    classes[:] = labels
    return classes
