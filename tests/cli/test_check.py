"""flask models check"""

from __future__ import annotations

from pathlib import Path

import joblib
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsClassifier

from tests.conftest import MakeApp

LINE = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])


def test_it_tells_what_a_file_holds_and_uses(make_app: MakeApp, tmp_path: Path) -> None:
    joblib.dump(LINE, tmp_path / "line.joblib")
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / "line.joblib")])
    assert result.exit_code == 0
    assert "sklearn.linear_model._base.LinearRegression (new)" in result.output
    assert "Takes:        x0 (number)" in result.output
    assert result.output.splitlines()[-1] == "Verdict:      It can be served."


def test_it_names_what_is_not_allowed(make_app: MakeApp, tmp_path: Path) -> None:
    path = tmp_path / "evil.joblib"
    path.write_bytes(b"\x80\x02cposix\nsystem\nX\x09\x00\x00\x00touch ran\x85R.")
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(path)])
    assert result.exit_code == 1
    assert "posix.system (call)  NOT ALLOWED" in result.output
    assert not Path("ran").exists()


def test_it_warns_of_training_rows_inside(make_app: MakeApp, tmp_path: Path) -> None:
    joblib.dump(KNeighborsClassifier(1).fit([[0.0], [1.0]], [0, 1]), tmp_path / "near.joblib")
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / "near.joblib")])
    assert "KNeighborsClassifier keeps rows of its training data" in result.output


@pytest.mark.parametrize("name", ["missing.joblib", "."])
def test_it_says_when_there_is_no_such_file(make_app: MakeApp, tmp_path: Path, name: str) -> None:
    result = make_app().test_cli_runner().invoke(args=["models", "check", str(tmp_path / name)])
    assert result.exit_code == 1
    assert "It can't be opened" in result.output
