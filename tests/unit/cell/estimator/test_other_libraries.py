"""webapp.cell.estimator.other_libraries: models whose libraries say otherwise what their inputs are"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from webapp.cell.contents import open_contents
from webapp.cell.estimator.other_libraries import names_of_inputs
from webapp.cell.signature import read_signature
from webapp.errors import NotServable


class Sum:
    """What libraries that don't build on scikit-learn have in common."""

    def __init__(self, **state: Any) -> None:
        vars(self).update(state)

    def predict(self, X: Any) -> Any:
        return np.asarray(X, dtype=float).sum(axis=1)


def made_by(module: str, **state: Any) -> Sum:
    return type("Sum", (Sum,), {"__module__": module})(**state)


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (made_by("pygam.pygam", statistics_={"m_features": 2}), ["x0", "x1"]),
        (made_by("statsmodels.base.wrapper", model=SimpleNamespace(exog_names=["const", "age"])), ["const", "age"]),
        (made_by("mlxtend.classifier", clfs_=[SimpleNamespace(n_features_in_=3)] * 2), ["x0", "x1", "x2"]),
    ],
)
def test_its_inputs_are_those_that_its_library_tells(model: Any, names: list[str]) -> None:
    assert [feature.name for feature in read_signature(model).features] == names


def test_a_formula_of_statsmodels_names_other_columns_than_it_reads() -> None:
    by_formula = SimpleNamespace(exog_names=["Intercept", "C(sex)[T.male]"], formula="y ~ C(sex)")
    with pytest.raises(NotServable, match=r"fitted with a formula of statsmodels"):
        read_signature(made_by("statsmodels.base.wrapper", model=by_formula))


def test_a_model_that_tells_nothing_is_refused_with_what_to_do_and_served_with_names() -> None:
    with pytest.raises(NotServable, match=r"models publish MODEL --names NAMES\.txt"):
        read_signature(Sum())
    contents = open_contents({"model": Sum(), "features": ["age", "income"]})
    signature = read_signature(contents.estimator, names=contents.names)
    assert [feature.name for feature in signature.features] == ["age", "income"]


class Boosted:
    """What is read of CatBoost's estimators."""

    __module__, __qualname__ = "catboost.core", "CatBoost"
    feature_names_ = ("class", "sex", "note", "age")

    def __init__(self, nan_mode: str | None) -> None:
        self.nan_mode = nan_mode

    def get_cat_feature_indices(self) -> list[int]:
        return [1]

    def get_text_feature_indices(self) -> list[int]:
        return [2]

    def get_embedding_feature_indices(self) -> list[int]:
        return []

    def get_borders(self) -> dict[int, list[float]]:
        return {0: [0.5, 1.5, 2.5, 3.5, 4.5], 3: [13.5, 41.25]}

    def get_param(self, name: str) -> str | None:
        return self.nan_mode if name == "nan_mode" else None


@pytest.mark.parametrize(("nan_mode", "optional"), [(None, ["class", "age"]), ("Forbidden", [])])
def test_catboosts_categories_are_texts_and_its_numbers_may_be_blank(nan_mode: str, optional: list[str]) -> None:
    features = read_signature(Boosted(nan_mode)).features
    assert {each.name: each.kind for each in features} == {
        "class": "integer",
        "sex": "text",
        "note": "text",
        "age": "number",
    }
    assert [each.name for each in features if each.optional] == optional
    assert not any(each.guessed for each in features)
    assert features[3].splits == (13.5, 41.25)


class OldLightGBM(Sum):
    """What is asked of LightGBM's estimators before 4."""

    __module__, __qualname__ = "lightgbm.sklearn", "LGBMModel"
    n_features_in_ = 2


@pytest.mark.parametrize(("names", "layout"), [(["sex", "age"], ["sex", "age"]), (["Column_0", "Column_1"], None)])
def test_an_old_lightgbm_names_its_columns_in_its_trees(names: list[str], layout: list[str] | None) -> None:
    model = OldLightGBM(feature_name_=names, booster_=SimpleNamespace(feature_name=lambda: names))
    assert names_of_inputs(model) == layout
