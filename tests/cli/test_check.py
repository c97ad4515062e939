"""flask models check"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import pytest
from scipy.stats import randint, uniform
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier

from tests.conftest import MakeApp

LINE = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def test_it_tells_what_a_file_holds_and_uses(make_app: MakeApp, tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib")
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / "line.joblib")])
    assert result.exit_code == 0
    assert "sklearn.linear_model._base.LinearRegression (new)" in result.output
    assert "Inputs:       x0 (number)" in result.output
    assert result.output.splitlines()[-1] == "Verdict:      It can be served."


def test_it_names_what_is_not_allowed(make_app: MakeApp, tmp_path: Path) -> None:
    path = tmp_path / "evil.joblib"
    path.write_bytes(b"\x80\x02cposix\nsystem\nX\x09\x00\x00\x00touch ran\x85R.")
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(path)])
    assert result.exit_code == 1
    assert "posix.system (call)  NOT ALLOWED" in result.output
    assert result.output.endswith("It needs posix.system, which is not on the list of allowed types.\n")
    assert not Path("ran").exists()


@pytest.mark.parametrize("distribution", [uniform(0.1, 1), randint(1, 5)], ids=["uniform", "randint"])
def test_it_says_what_to_dump_instead_of_a_search_over_distributions(
    make_app: MakeApp, tmp_path: Path, distribution: Any
) -> None:
    search = RandomizedSearchCV(Ridge(), {"alpha": distribution}, n_iter=1, cv=2, random_state=0)
    search.fit([[0.0], [1.0], [2.0], [3.0]], [0, 1, 2, 3])
    app = make_app({"search": search, "best": search.best_estimator_}).test_cli_runner()
    result = app.invoke(args=["models", "check", str(tmp_path / "search.joblib")])
    assert result.exit_code == 1
    assert result.output.endswith("Its search keeps distributions of scipy.stats; dump its best_estimator_ instead.\n")
    assert app.invoke(args=["models", "check", str(tmp_path / "best.joblib")]).exit_code == 0


def test_it_warns_of_training_rows_inside(make_app: MakeApp, tmp_path: Path) -> None:
    joblib.dump(KNeighborsClassifier(1).fit([[0.0], [1.0]], [0, 1]), tmp_path / "near.joblib")
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / "near.joblib")])
    assert "KNeighborsClassifier keeps rows of its training data" in result.output


@pytest.mark.parametrize("name", ["missing.joblib", "."])
def test_it_says_when_there_is_no_such_file(make_app: MakeApp, tmp_path: Path, name: str) -> None:
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / name)])
    assert result.exit_code == 1
    assert "It can't be opened" in result.output
