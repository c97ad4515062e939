"""XGBoost's and LightGBM's files: honest ones answer as they do without the gate, a model inside a model is refused."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from tests.cells import LOADER
from tests.gate.boosters import FRAME, X, Y, lgb, lightgbm_fitted, xgb, xgboost_fitted
from tests.gate.honest import answers, same
from tests.gate.hostile_names import dumped
from tests.gate.verdict import GRANTS
from webapp.cell.estimator.boosters import use_one_thread
from webapp.cell.estimator.servable import prepare_for_serving
from webapp.cell.gate import inspect, load
from webapp.errors import ArtifactRefused

NUMBERS = X @ np.arange(4.0)
NAMED = np.array(["low", "middle", "high"])[Y]
SMALL = {"n_estimators": 3, "n_jobs": 1}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    # A library that has started threads can't be used in a process that is forked later.
    with threadpool_limits(1):
        yield


def xgboost_models() -> Iterator[tuple[Any, Any]]:
    for name in ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor"):
        target = Y if "Classifier" in name else NUMBERS
        kind = getattr(xgb(), name)
        yield kind(**SMALL).fit(X, target), X
        yield kind(**SMALL, enable_categorical=True, max_cat_to_onehot=1).fit(FRAME, target), FRAME
    for options in (
        {"booster": "gblinear"},
        {"booster": "dart", "rate_drop": 0.5},
        {"tree_method": "exact", "gamma": 9},
    ):
        yield xgb().XGBRegressor(**SMALL, **options).fit(X, NUMBERS), X
    yield xgb().XGBRegressor(**SMALL).fit(X, np.c_[NUMBERS, -NUMBERS]), X
    yield xgb().XGBClassifier(**SMALL).fit(X, np.c_[Y == 0, Y == 1, Y == 2].astype(int)), X
    leaves = {"multi_strategy": "multi_output_tree", "tree_method": "hist"}
    yield xgb().XGBRegressor(**SMALL, **leaves).fit(X, np.c_[NUMBERS, -NUMBERS]), X
    yield xgb().XGBRanker(**SMALL).fit(X, Y, qid=np.repeat(range(5), 30)), X
    stopped = {"eval_set": [(X, Y == 1)], "verbose": False}
    yield (
        xgb()
        .XGBClassifier(early_stopping_rounds=2, eval_metric=["logloss", "auc"], n_jobs=1)
        .fit(X, Y == 1, **stopped),
        X,
    )
    watching = xgb().callback.EarlyStopping(rounds=2, save_best=True)
    yield xgb().XGBClassifier(callbacks=[watching], eval_metric="auc", n_jobs=1).fit(X, Y == 1, **stopped), X
    yield from composed(xgb().XGBClassifier(**SMALL), Y)


def lightgbm_models() -> Iterator[tuple[Any, Any]]:
    small = SMALL | {"verbose": -1, "min_data_per_group": 1, "cat_smooth": 1}
    for name, target in {"LGBMClassifier": NAMED, "LGBMRegressor": NUMBERS}.items():
        kind = getattr(lgb(), name)
        yield kind(**small).fit(X, target), X
        yield kind(**small).fit(FRAME, target), FRAME
        yield kind(**small, linear_tree=True).fit(X, target), X
        yield kind(**small, min_child_samples=500).fit(X, target), X
    yield lgb().LGBMRegressor(**small, boosting_type="dart", monotone_constraints=[1, 0, 0, 0]).fit(X, NUMBERS), X
    yield lgb().LGBMClassifier(**small, boosting_type="rf", bagging_freq=1, bagging_fraction=0.5).fit(X, NAMED), X
    yield lgb().LGBMClassifier(**small, class_weight={"low": 2, "middle": 1, "high": 1}).fit(X, NAMED), X
    yield lgb().LGBMRegressor(**small).fit(np.c_[X, Y], NUMBERS, categorical_feature=[4]), np.c_[X, Y]
    yield lgb().LGBMRanker(**small).fit(X, Y, group=[30] * 5), X
    stopping = [lgb().early_stopping(2, verbose=False)]
    stopped = lgb().LGBMClassifier(**small | {"n_estimators": 50})
    yield stopped.fit(X, Y == 1, eval_X=X, eval_y=Y == 1, callbacks=stopping), X
    yield from composed(lgb().LGBMClassifier(**small), NAMED)


def composed(model: Any, target: Any) -> Iterator[tuple[Any, Any]]:
    columns = make_column_transformer(
        (StandardScaler(), ["size", "age"]), (OneHotEncoder(sparse_output=False), ["kind"])
    )
    yield make_pipeline(columns.set_output(transform="pandas"), clone(model)).fit(FRAME, target), FRAME
    yield GridSearchCV(clone(model), {"max_depth": [2, 3]}, cv=2).fit(X, target), X
    yield CalibratedClassifierCV(clone(model), cv=2).fit(X, target), X


@pytest.mark.parametrize("models", [xgboost_models, lightgbm_models])
def test_it_loads_what_they_write(models: Callable[[], Iterator[tuple[Any, Any]]]) -> None:
    for model, inputs in models():
        for protocol in range(6):
            data = dumped(model, protocol=protocol)
            found = inspect(data)
            assert (found.problem, found.refused_uses(GRANTS)) == (None, []), model
            expected = answers(joblib.load(io.BytesIO(data)), inputs)
            assert same(answers(prepare_for_serving(load(data, GRANTS)), inputs), expected), model


def test_it_refuses_a_model_that_another_one_began() -> None:
    model = lgb().LGBMRegressor(**SMALL, verbose=-1)
    data = dumped(clone(model).fit(X, NUMBERS, init_model=model.fit(X, NUMBERS)))
    with pytest.raises(ArtifactRefused, match="_InnerPredictor, which is not on the list"):
        load(data, GRANTS)


@pytest.mark.parametrize("name", ["XGBClassifier", "XGBRanker", "LGBMClassifier"])
def test_it_keeps_them_to_one_thread(name: str) -> None:
    kind = getattr(lgb() if name.startswith("LGBM") else xgb(), name)
    options = {"group": [150]} if name == "XGBRanker" else {}
    model = kind(n_estimators=2).fit(X, Y, **options)
    use_one_thread(model)
    assert model.n_jobs == 1
    if name.startswith("LGBM"):
        model.set_params(nthreads=7)
        assert model._process_params("predict")["num_threads"] == 1
    else:
        assert '"nthread":"1"' in model.get_booster().save_config()


@pytest.mark.parametrize("make", [xgboost_fitted, lightgbm_fitted])
def test_it_is_read_like_any_other(make: Callable[[], Any], tmp_path: Path) -> None:
    (tmp_path / "model.joblib").write_bytes(dumped(make()))
    check = LOADER.check(tmp_path / "model.joblib", model="model")
    assert (check.reason, check.report.prediction) == (None, None)
    assert check.report.signature is not None
    assert (check.report.signature.features[-1].name, check.report.signature.features[-1].kind) == ("kind", "category")
