"""The inputs and outputs of an estimator together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from webapp.types.features import Feature, InputType, Value

Task = Literal["classification", "regression", "outlier detection", "clustering", "prediction"]
Layout = Literal["frame", "array", "texts", "dicts"]


@dataclass(frozen=True, kw_only=True)
class Output:
    """One thing that an estimator predicts."""

    name: str
    #: The classes in their own types; empty for a number.
    classes: tuple[Value, ...] = ()
    #: From the card: its label, the unit of a number, and how many decimals that is shown with.
    label: str = ""
    unit: str = ""
    digits: int | None = None
    #: From the card: labels of its classes, by the classes as text.
    class_labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: From the card: the class, as text, whose probability is the answer that people read; empty for the predicted one.
    reported: str = ""
    #: From the card: thresholds of probabilities, by the classes as text. They change no answer.
    thresholds: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """From where on a classifier of two classes answers one of them, if that was chosen after it was fitted."""

    #: The class that it answers at the threshold and above.
    label: Value
    value: float
    #: What is compared with the threshold: the probability of that class, or its score.
    of: Literal["probability", "score"]


@dataclass(frozen=True, kw_only=True)
class Signature:
    """The inputs and outputs of an estimator."""

    task: Task
    features: tuple[Feature, ...]
    outputs: tuple[Output, ...]
    #: Whether the estimator expects a DataFrame, an array without names, a list of texts, or a list of dicts.
    layout: Layout = "frame"
    #: Whether it predicts a probability for each class.
    probabilities: bool = False
    threshold: Threshold | None = None
    #: The order in which people see the features, if a card sets one; X keeps the estimator's order.
    order: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Feature, ...]:
        """The features in the order in which people see them."""
        if not self.order:
            return self.features
        named = {feature.name: feature for feature in self.features}
        return tuple(named[name] for name in self.order)

    @cached_property
    def redacted(self) -> tuple[Feature, ...]:
        """The features whose values records don't keep."""
        return tuple(feature for feature in self.features if feature.kept != "value")

    @cached_property
    def told(self) -> Mapping[str, InputType]:
        """The types that the file does not show, which its cell must be told with each call."""
        return {
            each.name: InputType(kind=each.kind, dtype=each.dtype, choices=each.choices)
            for each in self.features
            if each.source in ("card", "sample")
        }

    @property
    def is_unnamed(self) -> bool:
        """Whether the estimator was fitted on an array, and nothing names its inputs."""
        return self.layout == "array" and all(
            feature.name == f"x{place}" for place, feature in enumerate(self.features)
        )

    @property
    def multi_output(self) -> bool:
        return len(self.outputs) > 1
