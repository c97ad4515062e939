"""Linear models: sums of products, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn import linear_model
from sklearn.svm import LinearSVC, LinearSVR

from webapp.models.compiled.registry import Block, NotCompilable, Prediction, Unsure, prediction_for

#: Up to so many coefficients each row is summed up by itself, so that an answer does not depend, by
#: its last bit, on the others that came with it.
ROW_BY_ROW = 512
#: Where two classes come closer, or a score comes closer to zero, rounding decides between them.
CLOSE = 1e-9


@prediction_for(
    linear_model.ARDRegression,
    linear_model.BayesianRidge,
    linear_model.ElasticNet,
    linear_model.ElasticNetCV,
    linear_model.HuberRegressor,
    linear_model.Lars,
    linear_model.LarsCV,
    linear_model.Lasso,
    linear_model.LassoCV,
    linear_model.LassoLars,
    linear_model.LassoLarsCV,
    linear_model.LassoLarsIC,
    linear_model.LinearRegression,
    linear_model.OrthogonalMatchingPursuit,
    linear_model.QuantileRegressor,
    linear_model.Ridge,
    linear_model.RidgeCV,
    linear_model.SGDRegressor,
    linear_model.TheilSenRegressor,
    LinearSVR,
)
def _(model: Any, columns: int) -> Prediction:
    score = _scores(model, columns)
    several = np.ndim(model.coef_) == 2 and np.shape(model.coef_)[0] > 1
    return Prediction(lambda X: (score(X) if several else score(X)[:, 0], None), exact=False)


@prediction_for(linear_model.GammaRegressor, linear_model.PoissonRegressor, linear_model.TweedieRegressor)
def _(model: Any, columns: int) -> Prediction:
    score, inverse = _scores(model, columns), model._base_loss.link.inverse
    return Prediction(lambda X: (inverse(score(X)[:, 0]), None), exact=False)


@prediction_for(linear_model.LogisticRegression, linear_model.LogisticRegressionCV)
def _(model: Any, columns: int) -> Prediction:
    return _classification(model, columns, _two_shares if len(model.classes_) <= 2 else _softmax)


@prediction_for(
    linear_model.Perceptron,
    linear_model.RidgeClassifier,
    linear_model.RidgeClassifierCV,
    LinearSVC,
)
def _(model: Any, columns: int) -> Prediction:
    return _classification(model, columns, None)


@prediction_for(linear_model.SGDClassifier)
def _(model: Any, columns: int) -> Prediction:
    if not hasattr(model, "predict_proba"):
        return _classification(model, columns, None)
    if model.loss != "log_loss":
        raise NotCompilable("SGDClassifier has a loss of its own")
    return _classification(model, columns, _two_shares if len(model.classes_) <= 2 else _one_against_rest)


def _scores(model: Any, columns: int) -> Callable[[Block], Block]:
    coef, intercept = np.atleast_2d(np.asarray(model.coef_, dtype=float)), np.asarray(model.intercept_, dtype=float)
    if coef.shape[1] != columns:
        raise NotCompilable(f"{type(model).__name__} has other columns than it is given")
    by_row = coef.size <= ROW_BY_ROW

    def score(X: Block) -> Block:
        found: Block = ((X[:, np.newaxis, :] * coef).sum(axis=2) if by_row else X @ coef.T) + intercept
        # Only what is not finite gives a sum that is not, and scikit-learn has words for that.
        if not np.isfinite(found).all():
            raise Unsure
        return found

    return score


def _classification(model: Any, columns: int, shares: Callable[[Block], Block] | None) -> Prediction:
    if np.ndim(model.classes_) != 1 or np.ndim(model.classes_[0]) != 0:
        raise NotCompilable(f"{type(model).__name__} has several outputs")
    score, classes = _scores(model, columns), model.classes_

    def predict(X: Block) -> tuple[Block, Any]:
        found = score(X)
        if _is_close(found):
            raise Unsure
        chosen = (found[:, 0] > 0).astype(int) if found.shape[1] == 1 else found.argmax(axis=1)
        return classes.take(chosen), shares(found) if shares else None

    return Prediction(predict, exact=False)


def _is_close(scores: Block) -> bool:
    if scores.shape[1] == 1:
        return bool(np.abs(scores).min() < CLOSE)
    ordered = np.sort(scores, axis=1)
    return bool((ordered[:, -1] - ordered[:, -2]).min() < CLOSE)


def _two_shares(scores: Block) -> Block:
    share = expit(scores[:, 0])
    return np.column_stack([1 - share, share])


def _softmax(scores: Block) -> Block:
    return _normalized(np.exp(scores - scores.max(axis=1, keepdims=True)))


def _one_against_rest(scores: Block) -> Block:
    shares = expit(scores)
    # Where nothing is left of any class, scikit-learn takes all for equally probable.
    shares[~shares.any(axis=1)] = 1
    return _normalized(shares)


def _normalized(shares: Block) -> Block:
    total: Block = shares.sum(axis=1, keepdims=True)
    return np.divide(shares, total)
