"""Models of any size, truly fitted within seconds, on data that is made up."""

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


def measured(rows: int, features: int) -> Rows:
    """Give made-up measurements, with two decimals as real ones have, so that they compress as real ones do."""
    return np.random.default_rng(0).normal(size=(rows, features)).round(2)


def linear(features: int) -> Any:
    """Fit a linear model with 50 outputs on few rows: all its weight is in one array."""
    X = measured(40, features)
    return Ridge(solver="cholesky").fit(X, measured(40, 50))


def forest(rows: int) -> Any:
    """Fit 100 trees, as deep as they get."""
    X = measured(rows, 20)
    target = X[:, 0] + np.random.default_rng(1).normal(size=rows)
    return RandomForestRegressor(100, max_features=1, random_state=0).fit(X, target)


def neighbours_in_tree(rows: int) -> Any:
    """Fit KNN on few columns, where scikit-learn by itself takes a k-d tree."""
    X = measured(rows, 10)
    return KNeighborsRegressor().fit(X, X[:, 0])


def neighbours_by_brute_force(rows: int) -> Any:
    """Fit KNN on many columns, where scikit-learn by itself searches by brute force."""
    X = measured(rows, 50)
    return KNeighborsRegressor().fit(X, X[:, 0])


def boosting(trees: int) -> Any:
    """Fit histogram gradient boosting with many large trees."""
    X = measured(5000, 5)
    target = X[:, 0] + np.random.default_rng(1).normal(size=len(X))
    estimator = HistGradientBoostingRegressor(
        max_iter=trees, max_leaf_nodes=255, min_samples_leaf=1, early_stopping=False
    )
    # Its threads wait for each other after each small step, which takes ten times as long on busy cores.
    with threadpool_limits(1):
        return estimator.fit(X, target)


def support_vectors(rows: int) -> Any:
    """Fit an SVC on few rows of many columns, nearly all of which become support vectors."""
    X = measured(rows, 50_000)
    return SVC().fit(X, np.arange(rows) % 2)


def instances(estimator: Any, count: int) -> Rows:
    """Give rows that the estimator can predict."""
    return measured(count, estimator.n_features_in_)
