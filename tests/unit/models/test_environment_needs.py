"""webapp.models.environment_needs: the command that adds an environment for a file"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from webapp.models.environment_needs import EnvironmentNeeds, packages_for


@pytest.mark.parametrize(
    ("made_with", "modules", "boosters", "command"),
    [
        ("1.2.2", ["sklearn.svm"], [], "sklearn-1.2 --scikit-learn 1.2"),
        (
            "1.2.2",
            ["lightgbm.sklearn"],
            ["LightGBM 3 or older"],
            "sklearn-1.2-lightgbm --scikit-learn 1.2 --package lightgbm==3.3.5",
        ),
        (
            "1.3.2",
            ["xgboost.core"],
            ["XGBoost 1.7.6"],
            "sklearn-1.3-xgboost --scikit-learn 1.3 --package xgboost==1.7.6",
        ),
        (
            "1.5.2",
            ["sklearn_pandas.dataframe_mapper"],
            [],
            "sklearn-1.5-six-sklearn-pandas --scikit-learn 1.5 --package six --package sklearn-pandas",
        ),
        (None, ["catboost.core"], [], "catboost --scikit-learn 1.8 --package catboost"),
        (
            "1.9.1",
            ["imblearn.pipeline", "feature_engine.encoding.one_hot"],
            [],
            "sklearn-1.9-feature-engine-imbalanced-le --package scikit-learn==1.9.1 --package feature-engine "
            "--package imbalanced-learn",
        ),
    ],
)
def test_the_command_installs_all_that_a_file_needs(
    made_with: str | None, modules: Sequence[str], boosters: Sequence[str], command: str
) -> None:
    needs = EnvironmentNeeds(made_with, packages_for(modules, boosters))
    assert needs.command == f"flask --app wsgi environments add {command}"


def test_a_file_can_name_no_package_that_is_not_on_our_list() -> None:
    hostile = ["evil", "catboost_evil.core", "evil.catboost", "xgboost==1; evil"]
    assert packages_for(hostile, ["XGBoost 1.7.6 evil", "evil 1.0.0", "XGBoost 1.7"]) == ()
    assert EnvironmentNeeds("1.9.1; evil").requirements == ()
