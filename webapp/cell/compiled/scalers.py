"""Scalers and selectors."""

from __future__ import annotations

from typing import Any

import numpy as np
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

from webapp.cell.compiled.registry import (
    Block,
    Numeric,
    Step,
    Transform,
    Unsure,
    require_finite,
    require_numbers,
    step_for,
)


@step_for(StandardScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    return _shift_and_divide(
        scaler.mean_ if scaler.with_mean else None, scaler.scale_ if scaler.with_std else None, numeric
    )


@step_for(RobustScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    return _shift_and_divide(
        scaler.center_ if scaler.with_centering else None, scaler.scale_ if scaler.with_scaling else None, numeric
    )


def _shift_and_divide(center: Any, scale: Any, numeric: Numeric) -> Step:
    def transform(X: Block) -> Block:
        if center is not None:
            X = X - center
        return X if scale is None else X / scale

    return Step(transform, numeric)


@step_for(MinMaxScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    scale, offset, clip, ends = scaler.scale_, scaler.min_, scaler.clip, scaler.feature_range
    return Step(_clipped(lambda X: X * scale + offset, *ends) if clip else lambda X: X * scale + offset, numeric)


@step_for(MaxAbsScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    scale, clip = scaler.scale_, getattr(scaler, "clip", False)
    return Step(_clipped(lambda X: X / scale, -1, 1) if clip else lambda X: X / scale, numeric)


def _clipped(transform: Transform, low: float, high: float) -> Transform:
    def clip(X: Block) -> Block:
        # scikit-learn refuses infinity, but clipping would turn it into an ordinary number.
        if np.isinf(X).any():
            raise Unsure
        return np.clip(transform(X), low, high)

    return clip


@step_for(SelectFdr, SelectFpr, SelectFromModel, SelectFwe, SelectKBest, SelectPercentile, VarianceThreshold)
def _(selector: Any, numeric: Numeric) -> Step:
    require_numbers(selector, numeric)
    selected = selector.get_support(indices=True)
    dropped = np.setdiff1d(np.arange(len(numeric)), selected)

    def transform(X: Block) -> Block:
        # A selector also checks the columns that it drops, and refuses a number that is not finite.
        require_finite(X[:, dropped])
        return X[:, selected]

    return Step(transform, (True,) * len(selected))
