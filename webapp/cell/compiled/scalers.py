"""Scalers and selectors."""

from __future__ import annotations

from typing import Any

from sklearn.feature_selection import (
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
)
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from webapp.cell.compiled.registry import Operation, Step, as_floats, as_indices, require_numbers, step_for
from webapp.models.compiled.blocks import Numeric


@step_for(StandardScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    return Step(
        [_scale(scaler.mean_ if scaler.with_mean else None, scaler.scale_ if scaler.with_std else None)], numeric
    )


@step_for(RobustScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    center, divisor = scaler.center_ if scaler.with_centering else None, scaler.scale_ if scaler.with_scaling else None
    return Step([_scale(center, divisor)], numeric)


def _scale(center: Any, divisor: Any) -> Operation:
    return {
        "operation": "scale",
        "center": None if center is None else as_floats(center),
        "divisor": None if divisor is None else as_floats(divisor),
    }


@step_for(MinMaxScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    factor, summand = as_floats(scaler.scale_), as_floats(scaler.min_)
    scale = {"operation": "multiply and add", "factor": factor, "summand": summand}
    return Step(_clipped(scale, *scaler.feature_range) if scaler.clip else [scale], numeric)


@step_for(MaxAbsScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    scale = _scale(None, scaler.scale_)
    return Step(_clipped(scale, -1, 1) if getattr(scaler, "clip", False) else [scale], numeric)


def _clipped(operation: Operation, low: float, high: float) -> list[Operation]:
    # scikit-learn refuses infinity, but clipping would turn it into an ordinary number.
    clip = {"operation": "clip", "low": float(low), "high": float(high)}
    return [{"operation": "refuse infinity"}, operation, clip]


@step_for(SelectFdr, SelectFpr, SelectFromModel, SelectFwe, SelectKBest, SelectPercentile, VarianceThreshold)
def _(selector: Any, numeric: Numeric) -> Step:
    require_numbers(selector, numeric)
    selected = as_indices(selector.get_support(indices=True))
    return Step([{"operation": "select", "columns": selected}], (True,) * len(selected))
