"""Models of any size, fitted within seconds on made-up data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

Rows = NDArray[np.float64]


def measurements(rows: int, features: int) -> Rows:
    """Return made-up measurements, rounded to two decimals so that they compress like real ones."""
    return np.random.default_rng(0).normal(size=(rows, features)).round(2)


def linear(features: int) -> Any:
    """Fit a linear model with 50 outputs on few rows: nearly all of its file is one array."""
    X = measurements(40, features)
    return Ridge(solver="cholesky").fit(X, measurements(40, 50))


def forest(rows: int) -> Any:
    """Fit 100 trees of unlimited depth."""
    X = measurements(rows, 20)
    target = X[:, 0] + np.random.default_rng(1).normal(size=rows)
    return RandomForestRegressor(100, max_features=1, random_state=0).fit(X, target)


def neighbours_in_tree(rows: int) -> Any:
    """Fit KNN on few columns, for which scikit-learn chooses a k-d tree."""
    X = measurements(rows, 10)
    return KNeighborsRegressor().fit(X, X[:, 0])


def neighbours_by_brute_force(rows: int) -> Any:
    """Fit KNN on many columns, for which scikit-learn chooses brute force."""
    X = measurements(rows, 50)
    return KNeighborsRegressor().fit(X, X[:, 0])


def boosting(trees: int) -> Any:
    """Fit histogram gradient boosting with many large trees."""
    X = measurements(5000, 5)
    target = X[:, 0] + np.random.default_rng(1).normal(size=len(X))
    estimator = HistGradientBoostingRegressor(
        max_iter=trees, max_leaf_nodes=255, min_samples_leaf=1, early_stopping=False
    )
    # Its threads wait for each other after each small step; on busy cores that makes it ten times slower.
    with threadpool_limits(1):
        return estimator.fit(X, target)


def support_vectors(rows: int) -> Any:
    """Fit an SVC on few rows of many columns, nearly all of which become support vectors."""
    X = measurements(rows, 50_000)
    return SVC().fit(X, np.arange(rows) % 2)


def instances(estimator: Any, count: int) -> Rows:
    """Return rows that the estimator can predict."""
    return measurements(count, estimator.n_features_in_)
