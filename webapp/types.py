"""The frozen values that the rooms hand to each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

Value = float | int | bool | str | None
Instance = Mapping[str, Value]
Kind = Literal["number", "integer", "boolean", "category", "text"]
Task = Literal["classification", "regression", "outlier detection", "clustering", "prediction"]
Layout = Literal["frame", "array", "texts"]
#: What the record keeps of the values of an input.
Kept = Literal["value", "pseudonym", "nothing"]
#: What an input that nothing is known about turned out to take, when it was tried.
Probed = Literal["text", "date", "boolean"]


@dataclass(frozen=True, kw_only=True)
class Range:
    """The values of one feature that the estimator met in training, as far as it tells."""

    low: float
    high: float
    #: Whether these are the very smallest and largest training values.
    exact: bool
    #: Which part of the estimator told, in words for the card page.
    source: str


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One input of an estimator, as read off the fitted object."""

    name: str
    kind: Kind = "number"
    #: Whether it may be left blank, because the estimator fills or understands a blank.
    optional: bool = False
    #: The known categories with their own types, for the kinds category and boolean.
    choices: tuple[Value, ...] = ()
    #: Which part of the estimator told them, in words for the card page.
    choices_source: str = ""
    #: The rare ones among them, between which the estimator makes no difference.
    alike: tuple[Value, ...] = ()
    #: What stands for a blank in the estimator's input: NaN or None.
    missing: float | None = math.nan
    #: Whether its column has to be of pandas' own type for categories.
    categorical: bool = False
    #: What an imputer puts in place of a blank.
    default: Value = None
    #: Which part of the estimator told it, in words for the card page.
    default_source: str = ""
    #: What is usual: a mean, a median or the most frequent value, as far as the estimator tells.
    typical: Value = None
    range: Range | None = None
    #: The outermost places where trees split it: beyond, they answer alike.
    splits: tuple[float, float] | None = None
    #: What a card calls it, its unit, a sentence of help, and the heading it stands under.
    label: str = ""
    unit: str = ""
    help: str = ""
    group: str = ""
    #: Whether it is, by the card, nothing that could be otherwise; then no change of it is suggested.
    immutable: bool = False
    #: What the record keeps of its values, by the card or by the settings.
    kept: Kept = "value"
    #: What it took when it was tried, where the estimator doesn't tell.
    probed: Probed | None = None

    @property
    def unknown(self) -> bool:
        """Whether it is taken for a number only because nothing tells otherwise."""
        told = (self.default, self.typical, self.range, self.splits, self.probed)
        bare = self.kind == "number" and not self.optional and not self.choices
        return bare and all(each is None for each in told)

    @property
    def span(self) -> tuple[float, float] | None:
        """Where its values lie: as in training or, if nothing tells, a bit beyond what trees tell apart."""
        if self.range:
            return self.range.low, self.range.high
        if self.splits is None:
            return None
        low, high = self.splits
        beyond = (high - low) / 10 or 1.0
        return low - beyond, high + beyond


@dataclass(frozen=True, kw_only=True)
class Output:
    """One thing that an estimator predicts."""

    name: str
    #: The classes with their own types; empty for a number.
    classes: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Signature:
    """What an estimator wants and what it gives."""

    task: Task
    features: tuple[Feature, ...]
    outputs: tuple[Output, ...]
    #: Whether the estimator takes a DataFrame, a bare array, or a list of texts.
    layout: Layout = "frame"
    #: Whether it gives a probability for each class.
    probabilities: bool = False
    #: The order in which people meet the features, where a card tells one; X keeps the estimator's.
    order: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Feature, ...]:
        """The features in the order in which people meet them."""
        if not self.order:
            return self.features
        named = {feature.name: feature for feature in self.features}
        return tuple(named[name] for name in self.order)

    @cached_property
    def redacted(self) -> tuple[Feature, ...]:
        """The features whose values are not kept on record."""
        return tuple(feature for feature in self.features if feature.kept != "value")

    @property
    def multi_output(self) -> bool:
        return len(self.outputs) > 1


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A sentence about one place of the input: an error or a warning."""

    loc: tuple[str | int, ...]
    msg: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an estimator says about one instance.

    With several outputs both fields are lists, in the order of the outputs.
    """

    prediction: Any
    probabilities: Any = None


class Status(StrEnum):
    """How a request for a prediction ended."""

    ANSWERED = "answered"
    FAILED = "failed"
    REJECTED = "rejected"


class Channel(StrEnum):
    """Through which door a request for a prediction came."""

    FORM = "form"
    JSON = "json"
    OPEN_INFERENCE = "v2"
    KSERVE = "v1"
    MLFLOW = "mlflow"


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One request for a prediction and how it ended: what the log keeps forever."""

    id: UUID
    created_at: datetime
    model: str
    version: str
    digest: str
    channel: str
    request_id: str
    status: Status
    actor: str | None = None
    inputs: Instance | None = None
    answer: Answer | None = None
    #: Why there is no answer.
    errors: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    #: Seconds that the model took, for all who were answered together.
    duration: float = 0.0
