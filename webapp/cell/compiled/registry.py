"""Which function compiles which class: only the class itself, never a derived one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

#: A table of rows and columns: floats, or objects where not all columns are numbers.
Block = np.ndarray[Any, Any]
#: For each column of a block, whether it holds numbers.
Numeric = tuple[bool, ...]
Transform = Callable[[Block], Block]


class NotCompilable(Exception):
    """This estimator can't be compiled; the message says which part of it is the reason."""


class Unsure(Exception):
    """The plan can't be sure to give the estimator's answer for these rows, so the estimator must predict them."""


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


StepCompiler = Callable[[Any, Numeric], Step]
PredictionCompiler = Callable[[Any, int], Prediction]
_step_compilers: dict[type, StepCompiler] = {}
_prediction_compilers: dict[type, PredictionCompiler] = {}
Compiler = TypeVar("Compiler")


def step_for(*kinds: type) -> Callable[[StepCompiler], StepCompiler]:
    """Register a function that compiles transformers of these classes."""
    return lambda compiler: _register(_step_compilers, kinds, compiler)


def prediction_for(*kinds: type) -> Callable[[PredictionCompiler], PredictionCompiler]:
    """Register a function that compiles predictors of these classes, given the number of columns."""
    return lambda compiler: _register(_prediction_compilers, kinds, compiler)


def _register(registry: dict[type, Compiler], kinds: tuple[type, ...], compiler: Compiler) -> Compiler:
    registry.update(dict.fromkeys(kinds, compiler))
    return compiler


def compile_step(transformer: Any, numeric: Numeric) -> Step:
    """Compile a fitted transformer.

    Raises
    ------
    NotCompilable
    """
    return _find(_step_compilers, transformer)(transformer, numeric)


def compile_prediction(predictor: Any, columns: int) -> Prediction:
    """Compile a fitted predictor.

    Raises
    ------
    NotCompilable
    """
    return _find(_prediction_compilers, predictor)(predictor, columns)


def _find(registry: dict[type, Compiler], estimator: Any) -> Compiler:
    try:
        return registry[type(estimator)]
    except KeyError:
        raise NotCompilable(f"{type(estimator).__name__} has no compiled form") from None


def require_numbers(transformer: Any, numeric: Numeric) -> None:
    """Check that all columns hold numbers.

    Raises
    ------
    NotCompilable
    """
    if not all(numeric):
        raise NotCompilable(f"{type(transformer).__name__} gets columns that are not numbers")


def require_finite(X: Block) -> Block:
    """Return the block if all its numbers are finite.

    Raises
    ------
    Unsure
        When one is not; scikit-learn refuses most of these with messages of its own.
    """
    if not np.isfinite(X).all():
        raise Unsure
    return X
