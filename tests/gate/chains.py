"""Files of nothing but allowed classes, chained so that an attribute chooses what is called with a client's inputs.

Each would write or read the file at the path that it is given, or change the model, as soon as it predicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.cluster import FeatureAgglomeration, KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, TunedThresholdClassifierCV
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from tests.gate.boosters import lgb, xgb
from tests.gate.hostile_names import dumped

X, Y = load_iris(return_X_y=True)
X, Y = X[:100], Y[:100]
SMALL = {"n_estimators": 1, "max_depth": 1, "n_jobs": 1}
#: What a chain that writes an array writes.
PAYLOAD = b"* * * * * root payload\n"


def chains(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield each chain, by a name that says how it works."""
    for name, make in CHAINS.items():
        yield name, dumped(make(path))


def last_links(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the chains that make their input a path without the step that does."""
    for name, make in CHAINS.items():
        model = make(path)
        if name not in FIRST_LINK_ONLY:
            yield name, dumped(model.named_steps["last"] if is_behind(model) else model)


def is_behind(model: Any) -> bool:
    return isinstance(model, Pipeline) and model.steps[0][0] == "path"


def named_input(path: str) -> FunctionTransformer:
    """Return a transformer that makes any input the path."""
    return FunctionTransformer(np.sum, kw_args={"dtype": object, "initial": path, "where": False})


def behind(path: str, model: Any) -> Pipeline:
    return Pipeline([("path", named_input(path)), ("last", model)])


def stacked(estimator: Any, method: str, kind: Any = StackingClassifier) -> Any:
    """Return a stacking model that calls this method of an estimator."""
    model = kind([("inner", LogisticRegression() if kind is StackingClassifier else LinearRegression())], cv=2)
    model.fit(X, Y)
    model.estimators_, model.stack_method_ = estimator, [method]
    return model


def xgb_classifier() -> Any:
    return xgb().XGBClassifier(**SMALL).fit(X, Y)


def xgb_regressor() -> Any:
    return xgb().XGBRegressor(**SMALL).fit(X, Y)


def lgb_regressor() -> Any:
    return lgb().LGBMRegressor(**SMALL, verbose=-1).fit(X, Y)


def frozen(estimator: Any) -> FrozenEstimator:
    model = FrozenEstimator(LinearRegression())
    model.estimator = estimator
    return model


def fixed_threshold(path: str) -> Any:
    model = FixedThresholdClassifier(FrozenEstimator(xgb_classifier())).fit(X, Y)
    model.estimator_, model.response_method = xgb_classifier(), "save_model"
    return behind(path, model)


def tuned_threshold(path: str) -> Any:
    model = TunedThresholdClassifierCV(LogisticRegression(), cv=2).fit(X, Y)
    model.estimator_, model.response_method = xgb_classifier(), "save_model"
    return behind(path, model)


def classifier_chain(method: str) -> Any:
    model = ClassifierChain(FixedThresholdClassifier(LogisticRegression())).fit(X, np.c_[Y])
    model.chain_method_ = method
    return model


def scored(path: str) -> Any:
    model = GridSearchCV(LogisticRegression(), {"C": [1]}, scoring="accuracy", cv=2).fit(X, Y)
    model.best_estimator_, model.scorer_._response_method = xgb_classifier(), "save_model"
    return behind(path, stacked([model], "score"))


def cached(path: str) -> Any:
    model = Pipeline([("scale", StandardScaler()), ("last", KMeans(1, n_init=1))], memory=path)
    return stacked([model], "fit_predict")


def of_files() -> Any:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(["secret", "public"], [1, 0])
    return model.set_params(countvectorizer__input="filename")


def kmeans_inputs() -> Any:
    from sklearn.cluster._kmeans import _kmeans_single_lloyd

    keywords = {"sample_weight": np.ones(1), "centers_init": np.zeros((10**6, 1)), "n_threads": 1}
    return make_pipeline(FunctionTransformer(_kmeans_single_lloyd, kw_args=keywords), LinearRegression().fit(X, Y))


CHAINS: dict[str, Callable[[str], Any]] = {
    "stacking that calls tofile of bytes": lambda path: behind(path, stacked(np.array([PAYLOAD]), "tofile")),
    "stacking that calls tofile of an array": lambda path: behind(
        path, stacked([np.array([PAYLOAD])], "tofile", StackingRegressor)
    ),
    "stacking that calls dump of an array": lambda path: behind(path, stacked([np.array(PAYLOAD)], "dump")),
    "stacking that calls tofile of a frozen array": lambda path: behind(
        path, stacked([frozen(np.array([PAYLOAD]))], "tofile")
    ),
    "stacking that calls save_model of XGBoost's": lambda path: behind(path, stacked([xgb_classifier()], "save_model")),
    "stacking that calls dump_model of a booster": lambda path: behind(
        path, stacked([xgb_regressor().get_booster()], "dump_model", StackingRegressor)
    ),
    "stacking that calls save_model of LightGBM's booster": lambda path: behind(
        path, stacked([lgb_regressor().booster_], "save_model")
    ),
    "stacking that calls load_model of XGBoost's": lambda path: behind(path, stacked([xgb_classifier()], "load_model")),
    "stacking that calls predict of LightGBM's booster": lambda path: behind(
        path, stacked([lgb_regressor().booster_], "predict", StackingRegressor)
    ),
    "stacking that fits a pipeline with a memory": cached,
    "stacking that fits clusters with a memory": lambda path: stacked(
        [FeatureAgglomeration(1, memory=path)], "fit_transform"
    ),
    "a threshold that calls save_model": fixed_threshold,
    "a tuned threshold that calls save_model": tuned_threshold,
    "a scorer that calls save_model": scored,
    "a chain that calls a constructor": lambda path: classifier_chain("__init__"),
    "a vectorizer that reads files": lambda path: of_files(),
    "XGBoost that reads a file": lambda path: behind(f"{path}?format=csv", xgb_regressor()),
    "clusters as a function": lambda path: kmeans_inputs(),
}
#: Without their first step, these are honest.
FIRST_LINK_ONLY = {"XGBoost that reads a file"}
