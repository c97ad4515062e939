"""Steps that bring numbers to another scale: the ranges that they store."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)

from webapp.cell.signature.columns import MIXED, Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read
from webapp.types import FAR


def _linear(columns: Sequence[Column], scale: object, shift: object) -> list[Column]:
    """Return the columns after ``(x - shift) / scale``; None switches either part off."""
    scales = np.ones(len(columns)) if scale is None else np.asarray(scale, dtype=float)
    shifts = np.zeros(len(columns)) if shift is None else np.asarray(shift, dtype=float)
    return [
        column.scaled(partial(_undo, scale=a, shift=b))
        for column, a, b in zip(columns, scales.tolist(), shifts.tolist(), strict=False)
    ]


def _undo(number: float, scale: float, shift: float) -> float:
    return number * scale + shift


@read.register
def _(step: StandardScaler, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if step.mean_ is not None and step.var_ is not None:
        counts = np.broadcast_to(step.n_samples_seen_, np.shape(step.mean_))
        for column, mean, variance, count in zip(columns, step.mean_, step.var_, counts, strict=False):
            evidence.add_mean(column, float(mean), float(variance), float(count), "the scaler's mean")
            evidence.add_typical(column, mean)
    evidence.accept_blanks(columns)
    return _linear(columns, step.scale_, step.mean_ if step.with_mean else None)


@read.register
def _(step: MinMaxScaler, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    for column, low, high in zip(columns, step.data_min_, step.data_max_, strict=False):
        evidence.add_range(column, low, high, "the scaler's minimum and maximum")
    evidence.accept_blanks(columns)
    return _linear(columns, 1 / step.scale_, -step.min_ / step.scale_)


@read.register
def _(step: MaxAbsScaler, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    evidence.accept_blanks(columns)
    return _linear(columns, step.scale_, None)


@read.register
def _(step: RobustScaler, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if step.center_ is not None:
        for column, median in zip(columns, step.center_, strict=False):
            evidence.add_typical(column, median)
    if step.center_ is not None and step.scale_ is not None and not step.unit_variance:
        for column, median, iqr in zip(columns, step.center_, step.scale_, strict=False):
            if iqr == 1:
                # scikit-learn writes 1 if the quartiles are equal; then they say nothing about the other values.
                continue
            # The tails of what the middle half of the values shows may be long.
            ends = median - iqr / 2, median + iqr / 2
            evidence.add_values(column, *ends, "the scaler's quartiles", nearly_all=False, reach=100 * FAR)
    evidence.accept_blanks(columns)
    return _linear(columns, step.scale_, step.center_)


@read.register
def _(step: QuantileTransformer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # If there are fewer quantiles than requested, there were not more rows, so all of them were used.
    exact = step.subsample is None or step.n_quantiles_ < step.n_quantiles
    for column, quantiles in zip(columns, step.quantiles_.T, strict=False):
        (evidence.add_range if exact else evidence.add_values)(
            column, quantiles[0], quantiles[-1], "the transformer's quantiles"
        )
        evidence.add_typical(column, np.median(quantiles))
    evidence.accept_blanks(columns)
    return [Column(column.feature, is_raw=False, can_be_blank=column.can_be_blank) for column in columns]


@read.register
def _(step: PowerTransformer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    if step.standardize:
        with np.errstate(all="ignore"):
            reach = step.inverse_transform(np.array([[-1.0], [0.0], [1.0]]) * np.ones(len(step.lambdas_)))
        for column, (low, middle, high) in zip(columns, np.asarray(reach).T, strict=False):
            evidence.add_typical(column, middle)
            evidence.add_values(column, low, high, "the transformer's mean", nearly_all=False, reach=0)
    evidence.accept_blanks(columns)
    return [Column(column.feature, is_raw=False, can_be_blank=column.can_be_blank) for column in columns]


@read.register
def _(step: KBinsDiscretizer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # If there are more rows than step.subsample, the edges come from a sample of them.
    for column, edges in zip(columns, step.bin_edges_, strict=False):
        (evidence.add_range if step.subsample is None else evidence.add_values)(
            column, edges[0], edges[-1], "the outermost bins"
        )
    evidence.require(columns)
    return []


@read.register
def _(step: SplineTransformer, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    for column, spline in zip(columns, step.bsplines_, strict=False):
        # Knots that the user chose need not be related to the values.
        if isinstance(step.knots, str):
            knots = spline.t[step.degree : len(spline.t) - step.degree]
            evidence.add_range(column, knots[0], knots[-1], "the outermost knots of the splines")
            if step.knots == "quantile":
                evidence.add_typical(column, np.median(knots))
    (evidence.accept_blanks if step.handle_missing == "zeros" else evidence.require)(columns)
    return [MIXED] * int(step.n_features_out_)
