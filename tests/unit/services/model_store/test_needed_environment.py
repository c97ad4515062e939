"""webapp.services.model_store.needed_environment"""

from __future__ import annotations

import pytest

from webapp.models.file_report import FileReport
from webapp.services.model_store.needed_environment import needed_environment, way_out


def report(*names: str, made_with: str | None = "1.6.1", boosters: tuple[str, ...] = (), **more: object) -> FileReport:
    """Return a report that refuses these names."""
    return FileReport(
        names=tuple((name, "new") for name in (*names, "sklearn.pipeline.Pipeline")),
        refused=tuple(f"{name} (new)" for name in names),
        made_with=made_with,
        read_with="1.9.1",
        boosters=boosters,
        reason="It can't be read here.",
        **more,  # type: ignore[arg-type]
    )


def command(found: FileReport) -> str | None:
    needed = needed_environment(found, ())
    return needed.command.removeprefix("flask --app wsgi environments add ") if needed else None


def test_an_older_scikit_learn_needs_only_that() -> None:
    assert command(report(made_with="1.2.2")) == "sklearn-1.2 --scikit-learn 1.2"
    found = report(made_with="1.2.2")
    assert way_out(found, needed_environment(found, ())) == (
        " An environment with scikit-learn 1.2 can run it. To add it: "
        "flask --app wsgi environments add sklearn-1.2 --scikit-learn 1.2"
    )


@pytest.mark.parametrize(
    ("name", "packages"),
    [
        ("category_encoders.target_encoder.TargetEncoder", "category_encoders"),
        ("imblearn.pipeline.Pipeline", "imbalanced-learn"),
        ("sklearn_pandas.dataframe_mapper.DataFrameMapper", "sklearn-pandas --package six"),
    ],
)
def test_a_library_is_added_by_the_name_of_its_package(name: str, packages: str) -> None:
    added = command(report(name))
    assert added == f"sklearn-1.6-{name.partition('.')[0]} --scikit-learn 1.6 --package {packages}"


def test_a_series_beside_a_library_changes_nothing() -> None:
    found = report("category_encoders.target_encoder.TargetEncoder", "pandas.core.series.Series")
    assert command(found) == "sklearn-1.6-category_encoders --scikit-learn 1.6 --package category_encoders"


def test_a_version_that_the_file_does_not_say_is_called_unknown() -> None:
    found = report("skrub._table_vectorizer.TableVectorizer")
    needed = needed_environment(found, ())
    assert needed is not None
    assert "The file doesn't say which skrub it was made with" in way_out(found, needed)
    assert f"To add it: {needed.command}" in way_out(found, needed)


def test_a_version_of_xgboost_that_the_file_says_is_kept() -> None:
    found = report("xgboost.sklearn.XGBClassifier", made_with="1.2.2", boosters=("XGBoost 1.7.6",))
    assert command(found) == "sklearn-1.2-xgboost --scikit-learn 1.2 --package xgboost==1.7.6"
    needed = needed_environment(found, ())
    assert needed is not None
    assert needed.newest == ()


def test_a_file_of_statsmodels_alone_gets_the_newest_scikit_learn() -> None:
    added = command(report("statsmodels.regression.linear_model.OLSResults", made_with=None))
    assert added == "sklearn-1.9-statsmodels --scikit-learn 1.9 --package statsmodels"


@pytest.mark.parametrize(
    "found",
    [
        report("posix.system", "imblearn.pipeline.Pipeline"),
        report("shop.features.Recency", made_with="1.2.2"),
        report("__main__.clean"),
        report("cloudpickle.cloudpickle.subimport", "catboost.core.CatBoost"),
        report(made_with="0.24.2"),
        report(made_with="1.9.1"),
        report(made_with="1.2.2", transforms=3),
        report(made_with="1.2.2", holds="Ridge"),
    ],
    ids=["hostile", "own module", "script", "by value", "too old", "the service's own", "scaler", "loaded"],
)
def test_what_no_known_package_would_help_names_none(found: FileReport) -> None:
    assert needed_environment(found, ()) is None


def test_an_environment_that_is_there_and_does_not_help_is_not_offered_again() -> None:
    assert needed_environment(report(made_with="1.2.2"), ["sklearn-1.2"]) is None


def test_beside_what_its_reason_says_only_a_known_library_is_led_to_the_document() -> None:
    assert "docs/your-own-model.md" in way_out(report("catboost.core.CatBoost", "pandas.core.series.Series"), None)
    assert way_out(report("shop.features.Recency"), None) == ""
    assert way_out(report("posix.system", "catboost.core.CatBoost"), None) == ""
    assert way_out(report("cloudpickle.cloudpickle.subimport"), None) == ""
    assert way_out(report("__main__.clean"), None) == ""
