"""Linear models: sums of products, and the predictions computed from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn import linear_model
from sklearn.svm import LinearSVC, LinearSVR

from webapp.cell.compiled.registry import Block, NotCompilable, Prediction, Unsure, prediction_for, require_finite

#: Maximum number of coefficients for which each row is summed separately, so that the last bit of an answer
#: does not depend on the other rows of the request.
MAX_ROWWISE_COEFFICIENTS = 512
#: Minimum difference between the scores of two classes, or between a score and zero; below it, rounding would
#: decide the class.
MIN_SCORE_MARGIN = 1e-9


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
    return _classification(model, columns, _logistic if len(model.classes_) <= 2 else _softmax)


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
        raise NotCompilable("SGDClassifier has a loss other than log_loss")
    return _classification(model, columns, _logistic if len(model.classes_) <= 2 else _one_against_rest)


def _scores(model: Any, columns: int) -> Callable[[Block], Block]:
    coef, intercept = np.atleast_2d(np.asarray(model.coef_, dtype=float)), np.asarray(model.intercept_, dtype=float)
    if coef.shape[1] != columns:
        raise NotCompilable(f"{type(model).__name__} expects a different number of columns")
    by_row = coef.size <= MAX_ROWWISE_COEFFICIENTS

    def score(X: Block) -> Block:
        # The sum is finite only if all values of the row are; scikit-learn refuses the others with its own message.
        return require_finite(((X[:, np.newaxis, :] * coef).sum(axis=2) if by_row else X @ coef.T) + intercept)

    return score


def _classification(model: Any, columns: int, probabilities: Callable[[Block], Block] | None) -> Prediction:
    if np.ndim(model.classes_) != 1 or np.ndim(model.classes_[0]) != 0:
        raise NotCompilable(f"{type(model).__name__} has several outputs")
    score, classes = _scores(model, columns), model.classes_

    def predict(X: Block) -> tuple[Block, Any]:
        scores = score(X)
        if _is_close(scores):
            raise Unsure
        indices = (scores[:, 0] > 0).astype(int) if scores.shape[1] == 1 else scores.argmax(axis=1)
        return classes.take(indices), probabilities(scores) if probabilities else None

    return Prediction(predict, exact=False)


def _is_close(scores: Block) -> bool:
    if scores.shape[1] == 1:
        return bool(np.abs(scores).min() < MIN_SCORE_MARGIN)
    ordered = np.sort(scores, axis=1)
    return bool((ordered[:, -1] - ordered[:, -2]).min() < MIN_SCORE_MARGIN)


def _logistic(scores: Block) -> Block:
    probability = expit(scores[:, 0])
    return np.column_stack([1 - probability, probability])


def _softmax(scores: Block) -> Block:
    return _normalized(np.exp(scores - scores.max(axis=1, keepdims=True)))


def _one_against_rest(scores: Block) -> Block:
    probabilities = expit(scores)
    # If the probabilities of all classes are zero, scikit-learn makes all classes equally probable.
    probabilities[~probabilities.any(axis=1)] = 1
    return _normalized(probabilities)


def _normalized(probabilities: Block) -> Block:
    total: Block = probabilities.sum(axis=1, keepdims=True)
    return np.divide(probabilities, total)
