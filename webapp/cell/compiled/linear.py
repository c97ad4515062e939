"""Linear models: their coefficients, and how predictions are computed from the scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import linear_model
from sklearn.svm import LinearSVC, LinearSVR

from webapp.cell.compiled.links import link_of
from webapp.cell.compiled.registry import Operation, as_floats, prediction_for
from webapp.models.compiled.labels import write_label
from webapp.models.compiled.refusals import NotCompilable


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
def _(model: Any, columns: int) -> Operation:
    return {"operation": "linear number", **_scores(model, columns), "link": "identity"}


@prediction_for(linear_model.GammaRegressor, linear_model.PoissonRegressor, linear_model.TweedieRegressor)
def _(model: Any, columns: int) -> Operation:
    return {"operation": "linear number", **_scores(model, columns), "link": link_of(model._base_loss)}


@prediction_for(linear_model.LogisticRegression, linear_model.LogisticRegressionCV)
def _(model: Any, columns: int) -> Operation:
    return _classification(model, columns, "logit" if len(model.classes_) <= 2 else "multinomial")


@prediction_for(
    linear_model.Perceptron,
    linear_model.RidgeClassifier,
    linear_model.RidgeClassifierCV,
    LinearSVC,
)
def _(model: Any, columns: int) -> Operation:
    return _classification(model, columns, None)


@prediction_for(linear_model.SGDClassifier)
def _(model: Any, columns: int) -> Operation:
    if not hasattr(model, "predict_proba"):
        return _classification(model, columns, None)
    if model.loss != "log_loss":
        raise NotCompilable("SGDClassifier has a loss other than log_loss")
    return _classification(model, columns, "logit" if len(model.classes_) <= 2 else "one against rest")


def _scores(model: Any, columns: int) -> Operation:
    coef = np.atleast_2d(as_floats(model.coef_))
    if coef.shape[1] != columns:
        raise NotCompilable(f"{type(model).__name__} expects a different number of columns")
    # All outputs may share one intercept.
    return {"coef": coef, "intercept": np.broadcast_to(as_floats(model.intercept_), len(coef))}


def _classification(model: Any, columns: int, link: str | None) -> Operation:
    if np.ndim(model.classes_) != 1 or np.ndim(model.classes_[0]) != 0:
        raise NotCompilable(f"{type(model).__name__} has several outputs")
    classes = list(map(write_label, model.classes_))
    return {"operation": "linear class", **_scores(model, columns), "classes": classes, "link": link}
