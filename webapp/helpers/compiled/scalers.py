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

from webapp.helpers.compiled.registry import Block, Numeric, Step, require_numbers, step_for


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
    scale, least, clip, ends = scaler.scale_, scaler.min_, scaler.clip, scaler.feature_range

    def transform(X: Block) -> Block:
        X = X * scale + least
        return np.clip(X, *ends) if clip else X

    return Step(transform, numeric)


@step_for(MaxAbsScaler)
def _(scaler: Any, numeric: Numeric) -> Step:
    require_numbers(scaler, numeric)
    scale, clip = scaler.scale_, getattr(scaler, "clip", False)
    return Step(lambda X: np.clip(X / scale, -1, 1) if clip else X / scale, numeric)


@step_for(SelectFdr, SelectFpr, SelectFromModel, SelectFwe, SelectKBest, SelectPercentile, VarianceThreshold)
def _(selector: Any, numeric: Numeric) -> Step:
    require_numbers(selector, numeric)
    chosen = selector.get_support(indices=True)
    return Step(lambda X: X[:, chosen], (True,) * len(chosen))
