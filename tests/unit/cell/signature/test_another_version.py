"""What is read of steps that keep in other attributes what today's scikit-learn keeps: their own word on blanks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from webapp.cell.signature import read_signature, registry

X = pd.DataFrame({"age": [1.0, 2.0, np.nan, 4.0] * 10, "sex": ["f", "m", "m", np.nan] * 10})
Y = np.arange(40.0)


@pytest.fixture(autouse=True)
def another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "IS_ANOTHER_VERSION", True)


class EarlyImputer(SimpleImputer):
    """scikit-learn's before 1.1, which could not name its columns."""

    @property
    def get_feature_names_out(self) -> Any:
        raise AttributeError


def optional(estimator: Any) -> dict[str, bool]:
    return {feature.name: feature.optional for feature in read_signature(estimator).features}


def test_boosting_that_keeps_its_encoder_elsewhere_says_itself_that_it_takes_blanks() -> None:
    estimator = HistGradientBoostingRegressor(max_iter=2).fit(X[["age"]], Y)
    del estimator._preprocessor
    assert optional(estimator) == {"age": True}


def test_an_imputer_that_keeps_its_columns_elsewhere_says_itself_that_it_takes_blanks() -> None:
    estimator = make_pipeline(KNNImputer(), LinearRegression()).fit(X[["age"]], Y)
    del estimator[0]._valid_mask
    assert optional(estimator) == {"age": True}


def test_what_passes_blanks_on_to_a_step_that_refuses_them_leaves_them_required() -> None:
    estimator = make_pipeline(StandardScaler(), LinearRegression()).fit(X[["age"]].fillna(0.0), Y)
    del estimator[0].scale_
    assert optional(estimator) == {"age": False}


def test_an_imputer_that_can_not_name_its_columns_fills_in_blanks_before_an_encoder() -> None:
    imputer = EarlyImputer(strategy="most_frequent")
    estimator = make_pipeline(imputer, OneHotEncoder(), LinearRegression()).fit(X[["sex"]], Y)
    (sex,) = read_signature(estimator).features
    assert (sex.kind, sex.choices, sex.optional, sex.default) == ("category", ("f", "m"), True, "m")
