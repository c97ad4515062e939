"""What scalers, trees and means tell of the values, where they do not tell the range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PowerTransformer, RobustScaler, StandardScaler

from webapp.cell.signature import read_signature
from webapp.models.guardrails.checks import Checks
from webapp.types import Feature

RNG = np.random.default_rng(0)
LONG_TAIL = RNG.lognormal(mean=5, sigma=2, size=2000)


def read(values: Any, *steps: Any) -> Feature:
    X = pd.DataFrame({"size": values})
    estimator = make_pipeline(*steps).fit(X, np.arange(len(X), dtype=float))
    (feature,) = read_signature(estimator).features
    return feature


@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler(), PowerTransformer()])
def test_a_scaler_that_keeps_no_range_asserts_none(scaler: Any) -> None:
    feature = read(LONG_TAIL, scaler, Ridge())
    assert (feature.range, feature.usual is not None) == (None, True)


@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler(), PowerTransformer()])
def test_no_value_of_a_column_of_zeros_with_a_few_large_values_is_far_away(scaler: Any) -> None:
    values = np.r_[np.zeros(300), [800.0, 2000.0, 30_000.0]]
    X = pd.DataFrame({"debt": values})
    checks = Checks(read_signature(make_pipeline(scaler, Ridge()).fit(X, values)))
    assert not any(checks.warnings({"debt": value}) for value in values)


@pytest.mark.parametrize("scaler", [StandardScaler(), RobustScaler()])
def test_a_value_that_is_very_far_away_is_warned_about_all_the_same(scaler: Any) -> None:
    X = pd.DataFrame({"size": LONG_TAIL})
    checks = Checks(read_signature(make_pipeline(scaler, Ridge()).fit(X, LONG_TAIL)))
    assert not any(checks.warnings({"size": value}) for value in LONG_TAIL)
    assert len(checks.warnings({"size": 1e12})) == 1


@pytest.mark.parametrize("model", [[StandardScaler(), Ridge()], [HistGradientBoostingRegressor(max_iter=3)]])
def test_explanations_stay_among_values_that_were_seen(model: list[Any]) -> None:
    low, high = read(LONG_TAIL, *model).span or (0.0, 0.0)
    assert 0 <= low < high <= LONG_TAIL.max()


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=60))
def test_no_training_value_is_far_from_a_scalers_mean(values: list[float]) -> None:
    feature = read(np.round(values, 3), StandardScaler(), Ridge())
    if feature.far:
        slack = 1e-6 * max(map(abs, feature.far))
        assert feature.far[0] - slack <= min(np.round(values, 3))
        assert max(np.round(values, 3)) <= feature.far[1] + slack


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=3, max_size=200))
def test_a_scaler_shows_that_values_were_0_and_1(values: list[float]) -> None:
    assert read(values, StandardScaler(), Ridge()).is_flag == (len(set(values)) == 2)


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=50).filter(lambda each: any(0.01 < value < 0.99 for value in each))
)
def test_shares_are_not_taken_for_0_and_1(values: list[float]) -> None:
    assert not read(values, StandardScaler(), Ridge()).is_flag


@pytest.mark.parametrize(("strategy", "is_flag"), [("most_frequent", True), ("mean", False)])
def test_0_and_1_are_recognised_behind_an_imputer_that_fills_in_one_of_them(strategy: str, is_flag: bool) -> None:
    values = [0.0, 1.0, np.nan, 0.0, 0.0, 1.0]
    assert read(values, SimpleImputer(strategy=strategy), StandardScaler(), Ridge()).is_flag == is_flag


def test_0_to_1_alone_is_not_taken_for_yes_and_no() -> None:
    assert not read([0.0, 0.3, 1.0], MinMaxScaler(), Ridge()).is_flag


def test_the_outer_bins_say_where_nearly_all_values_lie() -> None:
    feature = read(LONG_TAIL, HistGradientBoostingRegressor(max_iter=3))
    assert feature.usual
    assert feature.usual.nearly_all
    inside = (feature.usual.low <= LONG_TAIL) & (feature.usual.high >= LONG_TAIL)
    assert inside.mean() > 0.98


def test_a_value_far_beyond_the_outer_bins_is_warned_about() -> None:
    X = pd.DataFrame({"size": LONG_TAIL})
    checks = Checks(read_signature(HistGradientBoostingRegressor(max_iter=3).fit(X, LONG_TAIL)))
    assert not any(checks.warnings({"size": value}) for value in LONG_TAIL)
    (warning,) = checks.warnings({"size": 1e9})
    assert warning.msg.startswith("Size is far from what is usual (in training mostly ")
