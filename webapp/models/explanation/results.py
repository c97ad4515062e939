"""What an explanation tells."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.types import Value


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one input did to the score."""

    feature: str
    value: float
    #: The standard error of that, over the pairs of orders that were tried.
    spread: float


@dataclass(frozen=True, kw_only=True)
class Point:
    """What the model says if one input has another value and all others stay."""

    value: Value
    score: float
    prediction: Value


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What the model says for several values of one input, in their order; the person's own is among them."""

    feature: str
    own: Value
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of one single input that changes the answer."""

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
    #: The class whose probability is the score; None where the score is the number that was predicted.
    label: Value
    #: Whether the score is a probability; else it is a number or, for a bare label, whether it stays the same.
    is_share: bool
    score: float
    #: The score of what it is compared with.
    baseline: float
    #: Whether that is one typical case; else it is the sample on the card.
    typical: bool
    #: The largest first.
    contributions: tuple[Contribution, ...]
    #: The nearest first; empty where no single change that was tried changes the answer.
    changes: tuple[Change, ...]
    curves: tuple[Curve, ...]
