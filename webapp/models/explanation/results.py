"""The parts of an explanation."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.types import Value


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """The effect of one input on the score."""

    feature: str
    value: float
    #: The standard error of the value, over the pairs of orders.
    spread: float


@dataclass(frozen=True, kw_only=True)
class Point:
    """The answer if one input has another value and all others stay the same."""

    value: Value
    score: float
    prediction: Value


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The answers for several values of one input, in order; the value of the explained case is one of them."""

    feature: str
    own: Value
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of one input that changes the answer."""

    feature: str
    value: Value
    score: float
    prediction: Value


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The explanation of one output of one prediction.

    The contributions add up to ``score - baseline``.
    """

    #: The name of the output.
    output: str
    #: The class whose probability is the score; None if the score is the predicted number.
    label: Value
    #: Whether the score is a probability; if not, it is a number or, for a label alone, 1 while the label is the same.
    is_share: bool
    score: float
    #: The mean score of the background.
    baseline: float
    #: Whether the background is one typical case, not cases from the distributions on the card.
    typical: bool
    #: Ordered from the largest to the smallest.
    contributions: tuple[Contribution, ...]
    #: Ordered from the nearest; empty if no change of one input that was tried changes the answer.
    changes: tuple[Change, ...]
    curves: tuple[Curve, ...]
