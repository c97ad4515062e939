"""The explanation of an answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict


class Contribution(TypedDict):
    """What one input added to the score."""

    feature: str
    value: float
    spread: Annotated[float, Field(description="The standard error of the contribution.")]


class Point(TypedDict):
    """The answer for one value of an input, with all other inputs unchanged."""

    value: Annotated[Any, Field(description="A value of this input.")]
    score: float
    prediction: Any


class Change(Point):
    """A change of one input that changes the answer."""

    feature: str


class Curve(TypedDict):
    """How the answer varies with one input."""

    feature: str
    points: list[Point]


class Explanation(TypedDict):
    """The explanation of one output."""

    output: str
    explains: Annotated[
        dict[str, Any], Field(description="The class whose probability is the score, or the predicted number.")
    ]
    compared_with: Literal["a typical case", "the sample"]
    baseline: float
    score: float
    contributions: Annotated[list[Contribution], Field(description="The contributions add up to score − baseline.")]
    changes: Annotated[list[Change], Field(description="The nearest values of single inputs that change the answer.")]
    curves: list[Curve]


Explanations = Annotated[
    list[Explanation] | None,
    Field(description="Only with `explain=true`: an explanation of each output, or null if there is none."),
]
