"""The parts of a card, each with its validation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from webapp.types import DType, Kind


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be printable and not blank")
    return text


def _printable_or_empty(text: str) -> str:
    return _printable(text) if text else text


#: Source of a range that the card sets itself.
CARD_SOURCE = "the card"

Number = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Word = Annotated[str, Field(max_length=120), AfterValidator(_printable)]
Sentence = Annotated[str, Field(max_length=500), AfterValidator(_printable)]
#: A word or a sentence that may still be blank, as in a skeleton of a card.
Label = Annotated[str, Field(max_length=120), AfterValidator(_printable_or_empty)]
Unit = Annotated[str, Field(max_length=24), AfterValidator(_printable_or_empty)]
Note = Annotated[str, Field(max_length=500), AfterValidator(_printable_or_empty)]
Name = Annotated[str, Field(min_length=1, max_length=1000)]
Value = str | bool | int | Number | None


class Part(BaseModel):
    """A part of a card: its values are not converted, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class NumberReference(Part):
    """Distribution of a number in the sample: shares between quantiles, no rows."""

    kind: Literal["number"] = "number"
    #: The inner bounds of the bins; the first and the last bin are open.
    bounds: list[Number] = Field(max_length=9)
    shares: list[Share] = Field(max_length=10)
    missing: Share
    #: The smallest and the largest value; None where they must not be stored, and on cards of older releases.
    low: Number | None = None
    high: Number | None = None
    #: All its values, if these are a few whole numbers.
    values: list[int] = Field(default_factory=list, max_length=5)

    @model_validator(mode="after")
    def _check(self) -> NumberReference:
        if (self.low is None) != (self.high is None) or (self.low or 0) > (self.high or 0):
            raise ValueError("low must come before high")
        if self.shares and len(self.shares) != len(self.bounds) + 1:
            raise ValueError("there must be one more share than bounds")
        if self.bounds != sorted(set(self.bounds)):
            raise ValueError("the bounds must increase")
        return self


class CategoryReference(Part):
    """Share of each category in the sample, in the order of the choices."""

    kind: Literal["category"] = "category"
    shares: list[Share]
    missing: Share


class CardInput(Part):
    """One feature as it was read from the estimator at publication."""

    name: Name
    kind: Kind
    optional: bool
    choices: list[Value]
    default: Value = None
    range: dict[Literal["low", "high", "exact"], Number | bool] | None = None
    reference: Annotated[NumberReference | CategoryReference, Field(discriminator="kind")] | None = None


class CardInputType(Part):
    """What the values of an input are, where the estimator itself does not show it."""

    kind: Kind | None = None
    #: Pandas' type of its column, where that is not the usual one.
    dtype: DType | Literal["text"] | None = None
    #: All values of a category; of a text, those that are known.
    choices: list[Value] = Field(default_factory=list, max_length=1000)
    source: Literal["card", "sample"] = "card"
    #: Whether categories that the model doesn't know are let through with a warning, where it was told to ignore them.
    new_choices: bool = False


class OutputWords(Part):
    """What an output is called, the unit of a number, and how many decimals that is shown with."""

    label: Label = ""
    unit: Unit = ""
    digits: Annotated[int, Field(ge=0, le=12)] | None = None


class CardSignature(Part):
    """Inputs and outputs of the estimator."""

    task: str
    inputs: list[CardInput]
    outputs: list[dict[Literal["name", "classes"], Any]]
    probabilities: bool


class Metric(Part):
    """One measure on the sample with its confidence interval."""

    name: Literal["accuracy", "AUC", "macro AUC", "MAE", "RMSE", "R²"]
    #: The output that it measures, if there are several.
    output: Name | None = None
    value: Number
    low: Number
    high: Number
    level: Share = 0.95
    method: str

    @model_validator(mode="after")
    def _check(self) -> Metric:
        if self.low > self.high:
            raise ValueError("the lower bound must come first")
        return self


class Sample(Part):
    """The sample that was given at publication; the card keeps no rows of it but those in ``golden``."""

    rows: Annotated[int, Field(ge=1)]
    #: A list if there are several outputs, in their order.
    target: str | list[str] | None = None


class Example(Part):
    """A case that the publisher wrote down for users to try; inputs that it leaves out stay blank."""

    title: Word
    inputs: dict[Name, Value]


class Cell(Part):
    """Part of a feature's values: a category, or the numbers above one bound and up to another."""

    feature: Name
    value: Value = None
    above: Number | None = None
    to: Number | None = None


class EmptyPair(Part):
    """Two cells that never occurred together in the sample, though each is common."""

    first: Cell
    second: Cell
    #: Number of rows with both that would be expected if they were independent.
    expected: Number


class GoldenRow(Part):
    """One row of the sample with the answer that the model gave at publication."""

    inputs: dict[str, Value]
    prediction: Any
    probabilities: Any = None


class Published(Part):
    """Who published the version, when, and with which software."""

    at: Annotated[datetime, Field(strict=False)]
    by: Word
    python: Word
    libraries: dict[Word, Word]
