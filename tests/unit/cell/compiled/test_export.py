"""webapp.cell.compiled: which estimators it exports."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from tests.unit.models.compiled.compiling import SIDE, X, inference_of
from webapp.cell.compiled import export_plan, nodes, sample_splits
from webapp.cell.signature import read_signature, read_splits
from webapp.models.compiled import NotCompilable
from webapp.models.compiled.made_up_instances import MAX_SPLITS


class Contrary(LogisticRegression):
    """Derived from a class that has a compiled form, but with the opposite answers."""

    def predict_proba(self, X: Any) -> Any:
        return super().predict_proba(X)[:, ::-1]


def test_a_derived_class_is_not_taken_for_its_parent() -> None:
    estimator = Contrary().fit(X, SIDE)
    with pytest.raises(NotCompilable, match="Contrary has no compiled form"):
        export_plan(estimator, read_signature(estimator))


def test_an_encoder_of_very_many_categories_is_not_compiled() -> None:
    """The table of their codes grows with the square of their number."""
    names = np.array([[f"c{each}"] for each in range(3000)], dtype=object)
    estimator = make_pipeline(OneHotEncoder(), RidgeClassifier()).fit(names, np.arange(3000) % 2)
    signature = read_signature(estimator)
    tracemalloc.start()
    form = inference_of(estimator, signature).form
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "more than 1000 categories" in form
    assert peak < 3000 * 3000


def test_a_random_initial_estimator_is_not_compiled() -> None:
    estimator = GradientBoostingClassifier(n_estimators=2, init=DummyClassifier(strategy="stratified")).fit(X, SIDE)
    with pytest.raises(NotCompilable, match="starts from a custom estimator"):
        export_plan(estimator, read_signature(estimator))


@pytest.mark.parametrize(
    "estimator",
    [
        GradientBoostingClassifier(n_estimators=3),
        HistGradientBoostingClassifier(max_iter=3),
        RandomForestRegressor(3, random_state=0),
    ],
)
def test_trees_of_very_many_nodes_are_not_compiled(estimator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    y = X[:, 0] if isinstance(estimator, RandomForestRegressor) else SIDE
    estimator = clone(estimator).fit(X, y)
    signature = read_signature(estimator)
    assert export_plan(estimator, signature)
    monkeypatch.setattr(nodes, "MAX_NODES", 5)
    with pytest.raises(NotCompilable, match="its trees have more than 5 nodes"):
        export_plan(estimator, signature)


def double(rows: Any) -> Any:
    return rows * 2


@pytest.mark.parametrize("function", [double, expit, np.frompyfunc(float, 1, 1), np.isnan])
def test_a_function_that_is_not_on_the_list_is_not_compiled(function: Any) -> None:
    estimator = make_pipeline(FunctionTransformer(function), LogisticRegression()).fit(X, SIDE)
    with pytest.raises(NotCompilable, match="calls a custom function"):
        export_plan(estimator, read_signature(estimator))


def test_an_estimator_that_contradicts_itself_is_not_compiled() -> None:
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, SIDE)
    estimator[0].scale_ = np.ones(7)
    with pytest.raises(NotCompilable, match="can't be read: divisor has another type or shape"):
        export_plan(estimator, read_signature(estimator))


def test_a_tree_deeper_than_any_plan_may_be_is_not_compiled() -> None:
    steps = np.arange(2400.0).reshape(-1, 1)
    estimator = DecisionTreeRegressor(criterion="squared_error").fit(steps, np.exp(steps.ravel() / 4))
    assert estimator.get_depth() > 2000
    with pytest.raises(NotCompilable, match="depth is out of range"):
        export_plan(estimator, read_signature(estimator))


def test_of_many_thresholds_a_few_cross_and_the_outermost_among_them() -> None:
    rows = np.random.default_rng(0).normal(size=(800, 2))
    estimator = RandomForestRegressor(10, random_state=0).fit(rows, rows[:, 0])
    every, few = read_splits(estimator)["x0"], sample_splits(estimator)["x0"]
    assert len(every) > MAX_SPLITS == len(few)
    assert set(few) <= set(every)
    assert (min(few), max(few)) == (min(every), max(every))
