"""Which function compiles which class: the class itself, never one derived from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

#: Rows and columns: of floats, or of objects where not all columns are numbers.
Block = np.ndarray[Any, Any]
#: For each column of a block, whether it holds numbers.
Numeric = tuple[bool, ...]
Transform = Callable[[Block], Block]


class NotCompilable(Exception):
    """There is no plan for this estimator; the text says for which part."""


class Unsure(Exception):
    """These rows are better answered by the estimator itself."""


@dataclass(frozen=True)
class Step:
    """A transformer as a function of blocks."""

    transform: Transform
    #: What comes out.
    numeric: Numeric


@dataclass(frozen=True)
class Prediction:
    """A predictor as a function from a block of floats to predictions and, if it gives any, probabilities."""

    predict: Callable[[Block], tuple[Block, Any]]
    #: Whether it gives the very same bits, as trees do, and not only the same numbers but for rounding.
    exact: bool


MakeStep = Callable[[Any, Numeric], Step]
MakePrediction = Callable[[Any, int], Prediction]
_steps: dict[type, MakeStep] = {}
_predictions: dict[type, MakePrediction] = {}
Maker = TypeVar("Maker")


def step_for(*kinds: type) -> Callable[[MakeStep], MakeStep]:
    """Register a function that compiles transformers of these classes."""
    return lambda make: _register(_steps, kinds, make)


def prediction_for(*kinds: type) -> Callable[[MakePrediction], MakePrediction]:
    """Register a function that compiles predictors of these classes, given the number of columns."""
    return lambda make: _register(_predictions, kinds, make)


def _register(registry: dict[type, Maker], kinds: tuple[type, ...], make: Maker) -> Maker:
    registry.update(dict.fromkeys(kinds, make))
    return make


def compile_step(transformer: Any, numeric: Numeric) -> Step:
    """Compile a fitted transformer.

    Raises
    ------
    NotCompilable
    """
    return _find(_steps, transformer)(transformer, numeric)


def compile_prediction(predictor: Any, columns: int) -> Prediction:
    """Compile a fitted predictor.

    Raises
    ------
    NotCompilable
    """
    return _find(_predictions, predictor)(predictor, columns)


def _find(registry: dict[type, Maker], estimator: Any) -> Maker:
    try:
        return registry[type(estimator)]
    except KeyError:
        raise NotCompilable(f"{type(estimator).__name__} has no compiled form") from None


def require_numbers(transformer: Any, numeric: Numeric) -> None:
    """Make sure that all columns hold numbers.

    Raises
    ------
    NotCompilable
    """
    if not all(numeric):
        raise NotCompilable(f"{type(transformer).__name__} is given more than numbers")
