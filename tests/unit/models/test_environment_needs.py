"""webapp.models.environment_needs"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from webapp.models.environment_needs import packages_for


@pytest.mark.parametrize(
    ("modules", "boosters", "packages"),
    [
        (["sklearn.svm"], [], ()),
        (["lightgbm.sklearn"], ["LightGBM 3 or older"], ("lightgbm==3.3.5",)),
        ([], ["LightGBM 4"], ("lightgbm==4.6.0",)),
        (["lightgbm.sklearn"], [], ("lightgbm",)),
        (["xgboost.core"], ["XGBoost 1.7.6"], ("xgboost==1.7.6",)),
        (["sklearn_pandas.dataframe_mapper"], [], ("sklearn-pandas", "six")),
        (["imblearn.pipeline", "feature_engine.encoding"], [], ("feature-engine", "imbalanced-learn")),
        (["mlxtend.classifier", "pygam.pygam", "sklego.preprocessing"], [], ("mlxtend", "pygam", "scikit-lego")),
    ],
)
def test_it_names_the_packages_of_libraries_in_the_versions_that_a_file_says(
    modules: Sequence[str], boosters: Sequence[str], packages: tuple[str, ...]
) -> None:
    assert packages_for(modules, boosters) == packages


def test_a_file_can_name_no_package_that_is_not_on_our_list() -> None:
    hostile = ["evil", "catboost_evil.core", "evil.catboost", "xgboost==1; evil"]
    assert packages_for(hostile, ["XGBoost 1.7.6 evil", "evil 1.0.0", "XGBoost 1.7"]) == ()
