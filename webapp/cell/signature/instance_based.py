"""Steps that keep their training cases, or the means of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    LocalOutlierFactor,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)

from webapp.cell.signature.columns import MIXED, Column
from webapp.cell.signature.evidence import EvidenceBook
from webapp.cell.signature.registry import read


@read.register(KNeighborsClassifier)
@read.register(KNeighborsRegressor)
@read.register(LocalOutlierFactor)
@read.register(RadiusNeighborsClassifier)
@read.register(RadiusNeighborsRegressor)
def _(step: KNeighborsClassifier, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return _read_cases(step._fit_X, columns, evidence)


@read.register
def _(step: GaussianProcessRegressor, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return _read_cases(step.X_train_, columns, evidence)


@read.register
def _(step: GaussianProcessClassifier, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # With more than two classes, each part keeps the cases itself, and base_estimator_ has none.
    return _read_cases(getattr(step.base_estimator_, "X_train_", None), columns, evidence)


@read.register
def _(step: KernelRidge, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # With a precomputed kernel these are not cases, but neither is X.
    return _read_cases(step.X_fit_, columns, evidence)


def _read_cases(cases: Any, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    evidence.require(columns)
    if isinstance(cases, np.ndarray) and cases.ndim == 2 and cases.dtype.kind in "fiu":
        for column, values in zip(columns, cases.T, strict=False):
            evidence.add_range(column, values.min(), values.max(), "the cases it compares with")
            evidence.add_typical(column, np.median(values))
            if column.is_raw:
                evidence[column].is_whole = bool(np.all(np.mod(values, 1) == 0))
    return []


@read.register
def _(step: GaussianNB, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return _read_classes(step.theta_, step.var_, step.class_prior_, columns, evidence)


@read.register
def _(step: LinearDiscriminantAnalysis, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    # Only some of its solvers store the covariance within the classes.
    covariance = getattr(step, "covariance_", None)
    variances = None if covariance is None else np.broadcast_to(np.diag(covariance), step.means_.shape)
    return _read_classes(step.means_, variances, step.priors_, columns, evidence)


@read.register
def _(step: QuadraticDiscriminantAnalysis, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    axes = zip(step.rotations_, step.scalings_, strict=True)
    variances = np.array([rotation**2 @ scaling for rotation, scaling in axes])
    return _read_classes(step.means_, variances, step.priors_, columns, evidence)


@read.register
def _(step: EllipticEnvelope, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    return _read_classes(step.location_[None], np.diag(step.covariance_)[None], np.ones(1), columns, evidence)


@read.register
def _(step: KMeans, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    shares = np.bincount(step.labels_, minlength=len(step.cluster_centers_)) / len(step.labels_)
    return _read_classes(step.cluster_centers_, None, shares, columns, evidence)


def _read_classes(
    means: Any, variances: Any, shares: Any, columns: Sequence[Column], evidence: EvidenceBook
) -> list[Column]:
    """Read the mean of each class or cluster, its variances if there are any, and its share of the cases."""
    evidence.require(columns)
    for column, mean in zip(columns, shares @ means, strict=False):
        evidence.add_typical(column, mean)
    if variances is not None:
        mean = shares @ means
        # The variance within the classes and that between them.
        variance = shares @ (variances + (means - mean) ** 2)
        source = "the classes' means" if len(means) > 1 else "its mean"
        for column, middle, spread in zip(columns, mean.tolist(), variance.tolist(), strict=False):
            evidence.add_mean(column, middle, spread, math.inf, source)
    return []


@read.register
def _(step: PCA, columns: Sequence[Column], evidence: EvidenceBook) -> list[Column]:
    evidence.require(columns)
    for column, mean in zip(columns, step.mean_, strict=False):
        evidence.add_typical(column, mean)
    return [MIXED] * int(step.n_components_)
