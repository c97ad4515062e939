"""The vocabulary of plans: which name stands for which operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from webapp.models.compiled.blocks import Block, Numeric
from webapp.models.compiled.fields import Fields
from webapp.models.compiled.refusals import PlanInvalid

Transform = Callable[[Block], Block]


@dataclass(frozen=True)
class Step:
    """A transformer as a function from block to block."""

    transform: Transform
    #: Which of its output columns hold numbers.
    numeric: Numeric


@dataclass(frozen=True)
class Prediction:
    """A predictor as a function from a block of floats to predictions and, if it gives any, probabilities."""

    predict: Callable[[Block], tuple[Block, Any]]
    #: Whether it gives the same bits as the estimator, as trees do, and not only the same numbers up to rounding.
    exact: bool


StepReader = Callable[[Fields, Numeric], Step]
PredictionReader = Callable[[Fields, int], Prediction]
_step_readers: dict[str, StepReader] = {}
_prediction_readers: dict[str, PredictionReader] = {}
Reader = TypeVar("Reader")


def step(name: str) -> Callable[[StepReader], StepReader]:
    """Register a function that reads an operation on blocks, given which columns hold numbers."""
    return lambda reader: _step_readers.setdefault(name, reader)


def prediction(name: str) -> Callable[[PredictionReader], PredictionReader]:
    """Register a function that reads an operation that predicts, given the number of columns."""
    return lambda reader: _prediction_readers.setdefault(name, reader)


def read_step(fields: Fields, numeric: Numeric) -> Step:
    """Read an operation on blocks.

    Raises
    ------
    PlanInvalid
    """
    read = _find(_step_readers, fields)(fields, numeric)
    fields.reading.spend(len(read.numeric))
    return read


def read_chain(operations: list[Fields], numeric: Numeric) -> Step:
    """Read operations that are applied one after another.

    Raises
    ------
    PlanInvalid
    """
    transforms: list[Transform] = []
    for fields in operations:
        read = read_step(fields, numeric)
        transforms.append(read.transform)
        numeric = read.numeric

    def transform(X: Block) -> Block:
        for each in transforms:
            X = each(X)
        return X

    return Step(transforms[0] if len(transforms) == 1 else transform, numeric)


def read_prediction(fields: Fields, columns: int) -> Prediction:
    """Read an operation that predicts.

    Raises
    ------
    PlanInvalid
    """
    return _find(_prediction_readers, fields)(fields, columns)


def require_numbers(numeric: Numeric) -> int:
    """Return how many columns there are, all of which must hold numbers.

    Raises
    ------
    PlanInvalid
    """
    if not all(numeric):
        raise PlanInvalid("an operation on numbers gets other columns")
    return len(numeric)


def _find(readers: dict[str, Reader], fields: Fields) -> Reader:
    try:
        return readers[fields.text("operation")]
    except KeyError:
        raise PlanInvalid("an operation is not known") from None
