"""The inputs of an estimator: their kinds, ranges and choices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Value = float | int | bool | str | None
Instance = Mapping[str, Value]
Kind = Literal["number", "integer", "boolean", "category", "text", "date", "datetime"]
#: Pandas' type of a column where its kind is usually handed over otherwise: numbers as floats, dates as texts.
DType = Literal["int64", "datetime64"]
#: Where the type of an input is known from, if not from the estimator itself.
TypeSource = Literal["testing", "sample", "card"]
#: What a record keeps of the values of an input.
Kept = Literal["value", "pseudonym", "nothing"]
#: How many widths of the values between which trees split lie outside before a value counts as far away.
FAR = 10
#: The source of a range that the sample on the card has.
SAMPLE_SOURCE = "the sample"


@dataclass(frozen=True, kw_only=True)
class Range:
    """The range of one feature in training, as far as the estimator reveals it."""

    low: float
    high: float
    #: Whether these are exactly the smallest and the largest training value.
    exact: bool
    #: Which part of the estimator reveals it, in words for the card page.
    source: str


@dataclass(frozen=True, kw_only=True)
class Usual:
    """Where the values of one feature usually lie, for an estimator that does not reveal their range."""

    #: Curves are drawn between these, and suggestions stay between them; values beyond are no less valid.
    low: float
    high: float
    #: Whether nearly all values lie between these.
    nearly_all: bool = False
    #: The mean and the standard deviation in training, if the estimator reveals them.
    mean: float | None = None
    sd: float | None = None
    #: A value beyond these is far from all that is usual.
    far: tuple[float, float] | None = None
    #: Which part of the estimator reveals it, in words for the card page.
    source: str


@dataclass(frozen=True, kw_only=True)
class InputType:
    """What the values of an input are, and how they are handed over to the estimator."""

    kind: Kind
    dtype: DType | None = None
    #: All categories, or the values of a text that are known.
    choices: tuple[Value, ...] = ()
    #: Whether it may be another one.
    guessed: bool = False


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One input of an estimator, as read from the fitted object."""

    name: str
    kind: Kind = "number"
    #: Pandas' type of its column, where that is not the usual one.
    dtype: DType | None = None
    #: Whether it may be left blank: the estimator fills in or accepts missing values, and the card does not forbid it.
    optional: bool = False
    #: The known categories in their own types, for the kinds category and boolean.
    choices: tuple[Value, ...] = ()
    #: Which part of the estimator reveals them, in words for the card page.
    choices_source: str = ""
    #: The rare categories among them, which the estimator treats as one.
    alike: tuple[Value, ...] = ()
    #: Whether the estimator was told what to do with a category that it doesn't know.
    tolerates_new: bool = False
    #: Whether the card lets such categories through, with a warning.
    new_choices: bool = False
    #: What a blank is in the estimator's input: NaN or None.
    missing: float | None = math.nan
    #: Whether its column must have pandas' own type for categories.
    categorical: bool = False
    #: Whether its kind is a guess, because the estimator does not show it for certain.
    guessed: bool = False
    #: The value that an imputer fills in for a blank.
    default: Value = None
    #: Which part of the estimator reveals it, in words for the card page.
    default_source: str = ""
    #: A typical value: a mean, a median or the most frequent value, as far as the estimator reveals one.
    typical: Value = None
    range: Range | None = None
    #: Where its values usually lie, if no range is known.
    usual: Usual | None = None
    #: Whether statistics show that all its values were 0 or 1.
    flag: bool = False
    #: The lowest and the highest threshold at which trees split it: beyond these, their answers don't change.
    splits: tuple[float, float] | None = None
    #: From the card: its label, its unit, a sentence of help, and the heading above it.
    label: str = ""
    unit: str = ""
    help: str = ""
    group: str = ""
    #: Whether the card says that it can't be changed; then no change of it is suggested.
    immutable: bool = False
    #: What a record keeps of its values, by the card or by the settings.
    kept: Kept = "value"
    #: Where its kind is known from, if not from the estimator.
    source: TypeSource | None = None
    #: The values of a text that the sample had; others are answered with a warning.
    suggestions: tuple[Value, ...] = ()

    @property
    def unknown(self) -> bool:
        """Whether it counts as a number only because nothing is known about it."""
        evidence = (self.default, self.typical, self.range, self.usual, self.splits, self.source)
        bare = self.kind == "number" and not self.optional and not self.choices
        return bare and all(value is None for value in evidence)

    @property
    def is_number(self) -> bool:
        return self.kind in ("number", "integer")

    @property
    def has_choices(self) -> bool:
        return self.kind in ("category", "boolean")

    @property
    def is_date(self) -> bool:
        return self.kind in ("date", "datetime")

    @property
    def is_flag(self) -> bool:
        """Whether its values were 0 or 1 in training, or trees treat it as if they were."""
        if not self.is_number or self.suggestions:
            return False
        fits = self.range is None or (self.range.low, self.range.high) == (0, 1)
        return self.flag or (fits and self.usual is None and self.splits == (0.5, 0.5))

    @property
    def may_be_flag(self) -> bool:
        """Whether its values may have been true and false, which are 1 and 0 for an estimator."""
        if not self.is_number or self.dtype:
            return False
        known = self.range or self.usual
        fits = known is None or 0 <= known.low <= known.high <= 1
        return self.is_flag or (fits and (self.splits is None or 0 <= self.splits[0] == self.splits[1] <= 1))

    @property
    def far(self) -> tuple[float, float] | None:
        """The values beyond which one is far from all that is usual, if anything tells them."""
        if self.range or self.usual or self.splits is None or self.splits[0] == self.splits[1]:
            return self.usual.far if self.usual and not self.range else None
        low, high = self.splits
        return low - FAR * (high - low), high + FAR * (high - low)

    @property
    def span(self) -> tuple[float, float] | None:
        """Where its values surely or usually lie: explanations try no other values."""
        if known := self.range or self.usual:
            return known.low, known.high
        if self.splits is None:
            return None
        low, high = (0.0, 1.0) if self.is_flag else self.splits
        # Training values lie on both sides of each threshold.
        beyond = 0.0 if self.is_flag else (high - low) / 100 or abs(low) / 10 or 1.0
        return low - beyond, high + beyond
