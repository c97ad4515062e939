"""flask environments"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from types import ModuleType

import pytest
import sklearn
from sklearn.linear_model import LinearRegression

from tests.conftest import MakeApp
from webapp.cli.environments import _with_needs_of
from webapp.errors import EnvironmentRefused
from webapp.services.cells.environment_builder import Wanted

BOOSTERS = Path(__file__).parents[1] / "gate" / "booster_versions"


def test_it_takes_from_a_file_the_libraries_of_our_list_that_it_needs(make_app: MakeApp, tmp_path: Path) -> None:
    # A class of a library that is not installed, as it stands in a pickle.
    (tmp_path / "model.pkl").write_bytes(b"\x80\x02ccatboost.core\nCatBoostClassifier\n)\x81.")
    with make_app().app_context():
        catboost = Wanted(scikit_learn="1.9", packages=("catboost",))
        assert _with_needs_of(tmp_path / "model.pkl", Wanted()) == catboost
        boosted = Wanted(scikit_learn="1.2", packages=("lightgbm==3.3.5",))
        assert _with_needs_of(BOOSTERS / "lightgbm-3.3.5-two.lgb.txt", Wanted(scikit_learn="1.2")) == boosted


def test_what_the_operator_names_comes_before_what_a_file_needs(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"\x80\x02ccatboost.core\nCatBoostClassifier\n)\x81.")
    wanted = Wanted(scikit_learn="1.7", packages=("CatBoost==1.2.8",))
    with make_app().app_context():
        assert _with_needs_of(tmp_path / "model.pkl", wanted) == wanted


def test_a_refused_file_is_told_the_command_that_adds_its_environment(make_app: MakeApp, tmp_path: Path) -> None:
    file = tmp_path / "model.pkl"
    file.write_bytes(b"\x80\x02ccatboost.core\nCatBoostClassifier\n)\x81.")
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(file)])
    assert result.output.endswith(
        "It needs catboost.core.CatBoostClassifier, which is not on the list of allowed types. An environment with "
        "scikit-learn 1.9 and catboost can run it. The file doesn't say which catboost it was made with; if that is "
        "not the newest that fits, its answers may be other ones, so name the version. To add it: "
        "flask --app wsgi environments add sklearn-1.9-catboost --scikit-learn 1.9 --package catboost\n"
    )


def test_a_file_that_names_neither_a_version_nor_a_library_decides_nothing(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"\x80\x02cshop.features\nRecency\n)\x81.")
    with make_app().app_context(), pytest.raises(EnvironmentRefused, match=r"Use --scikit-learn\."):
        _with_needs_of(tmp_path / "model.pkl", Wanted())
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / "model.pkl")])
    assert "or add an environment: flask --app wsgi environments add NAME --with FOLDER" in result.output


def test_a_file_of_another_version_and_library_is_told_one_command_for_both(
    make_app: MakeApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ModuleType("catboost")
    exec("class CatBoost: pass", vars(library))  # noqa: S102
    monkeypatch.setitem(sys.modules, "catboost", library)
    parts = pickle.dumps([LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), library.CatBoost()])
    (tmp_path / "model.pkl").write_bytes(parts.replace(sklearn.__version__.encode(), b"1.2.2"))
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / "model.pkl")])
    assert result.output.count("environments add") == 1
    assert result.output.endswith("add sklearn-1.2-catboost --scikit-learn 1.2 --package catboost\n")
