"""Whether an answer depends on the rows that are asked together, found by trial."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import KNNImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.fitted import CASES
from webapp.cell.company import depends_on_company
from webapp.cell.signature import read_signature

X = np.random.default_rng(0).normal(size=(40, 3))
Y = X[:, 0] * 2 + X[:, 1]


def centred(X: Any) -> Any:
    return X - np.mean(X, axis=0)


def without_repeats(X: Any) -> Any:
    return np.unique(np.round(X), axis=0)


class Dice(RegressorMixin, BaseEstimator):
    """Answers at random."""

    n_features_in_ = 1

    def predict(self, X: Any) -> Any:
        return np.random.default_rng().normal(size=len(X))


class OneByOne(RegressorMixin, BaseEstimator):
    """Answers one row at a time."""

    n_features_in_ = 1

    def predict(self, X: Any) -> Any:
        return [float(X.item())]


def put_together(step: Any, last: Any) -> Any:
    """Return a pipeline of fitted steps; one that changes the number of rows can't be fitted as a whole."""
    return make_pipeline(step.fit(X), last.fit(X, Y))


def depends(estimator: Any) -> bool:
    return depends_on_company(estimator, read_signature(estimator), {})


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(FunctionTransformer(centred), Ridge()).fit(X, Y),
        make_pipeline(FunctionTransformer(centred), LogisticRegression()).fit(
            pd.DataFrame(X, columns=list("abc")), Y > 0
        ),
        make_pipeline(FunctionTransformer(softmax, kw_args={"axis": 0}), Ridge(alpha=1e-6)).fit(X, Y),
        put_together(FunctionTransformer(np.max, kw_args={"axis": 0, "keepdims": True}), Ridge()),
        put_together(FunctionTransformer(without_repeats), Ridge()),
        OneByOne(),
    ],
    ids=["centred", "centred classes", "softmax of columns", "maximum", "unique rows", "one by one"],
)
def test_it_finds_a_model_that_compares_its_rows(estimator: Any) -> None:
    assert depends(estimator)


@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), Ridge()).fit(X, Y),
        make_pipeline(KNNImputer(), RandomForestRegressor(5, random_state=0)).fit(X, Y),
        make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(5,), max_iter=2000, random_state=0)).fit(X, Y),
        make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["a text", "another text", "a word"], [0, 1, 1]),
        make_pipeline(FunctionTransformer(softmax, kw_args={"axis": 1}), Ridge()).fit(X, Y),
        Dice(),
    ],
    ids=["scaler", "imputer", "network", "texts", "softmax of rows", "random"],
)
@pytest.mark.filterwarnings("ignore")
def test_it_takes_no_other_model_for_one(estimator: Any) -> None:
    assert not depends(estimator)


@pytest.mark.parametrize("name", CASES)
def test_none_of_the_fitted_cases_compares_its_rows(name: str) -> None:
    assert not depends(CASES[name]().estimator)
