"""Which function exports which class: only the class itself, never a derived one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from webapp.models.compiled.blocks import Block, Numeric
from webapp.models.compiled.refusals import NotCompilable

#: The fields of an operation, with arrays in their places.
Operation = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A transformer as operations that are applied one after another."""

    operations: list[Operation]
    #: Which of its output columns hold numbers.
    numeric: Numeric


StepExporter = Callable[[Any, Numeric], Step]
PredictionExporter = Callable[[Any, int], Operation]
_step_exporters: dict[type, StepExporter] = {}
_prediction_exporters: dict[type, PredictionExporter] = {}
Exporter = TypeVar("Exporter")


def step_for(*kinds: type) -> Callable[[StepExporter], StepExporter]:
    """Register a function that exports transformers of these classes."""
    return lambda exporter: _register(_step_exporters, kinds, exporter)


def prediction_for(*kinds: type) -> Callable[[PredictionExporter], PredictionExporter]:
    """Register a function that exports predictors of these classes, given the number of columns."""
    return lambda exporter: _register(_prediction_exporters, kinds, exporter)


def _register(registry: dict[type, Exporter], kinds: tuple[type, ...], exporter: Exporter) -> Exporter:
    registry.update(dict.fromkeys(kinds, exporter))
    return exporter


def export_step(transformer: Any, numeric: Numeric) -> Step:
    """Export a fitted transformer.

    Raises
    ------
    NotCompilable
    """
    return _find(_step_exporters, transformer)(transformer, numeric)


def export_prediction(predictor: Any, columns: int) -> Operation:
    """Export a fitted predictor.

    Raises
    ------
    NotCompilable
    """
    return _find(_prediction_exporters, predictor)(predictor, columns)


def _find(registry: dict[type, Exporter], estimator: Any) -> Exporter:
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


def as_floats(values: Any) -> Block:
    return np.asarray(values, dtype=np.float64)


def as_indices(values: Any) -> Block:
    return np.asarray(values, dtype=np.int32)
