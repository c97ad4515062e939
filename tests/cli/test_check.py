"""flask models check"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import pytest
from scipy.stats import randint, uniform
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier

from tests.conftest import SECRET, MakeApp
from tests.serving import ROOT
from tests.unit.cell.misbehaving import Crashing

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


def test_a_name_in_a_file_cannot_write_its_own_verdict(make_app: MakeApp, tmp_path: Path) -> None:
    name = b"evil\nVerdict:      It can be served" + b"x" * 1000
    path = tmp_path / "evil.joblib"
    path.write_bytes(b"\x80\x04\x8c\x05posixX" + len(name).to_bytes(4, "little") + name + b"\x93)R.")
    app = make_app()
    result = app.test_cli_runner().invoke(args=["models", "check", str(path)])
    assert result.exit_code == 1
    assert [line[:20] for line in result.output.splitlines() if "Verdict" in line[:20]] == ["Verdict:      It nee"]
    (model,) = app.extensions["scoredesk"].store.unserved()
    assert model.reason.startswith("It needs posix.evil�Verdict:")
    assert len(model.reason) <= 1001


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


@pytest.mark.parametrize("command", [["check"], ["publish", "--name", "line"]])
def test_a_fifo_or_a_device_is_refused_and_not_waited_for(
    make_app: MakeApp, tmp_path: Path, command: list[str]
) -> None:
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", Path("/dev/zero")):
        result = make_app().test_cli_runner().invoke(args=["models", *command, str(path)])
        assert result.exit_code == 1
        assert "(not a regular file)" in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fifo"]


@pytest.mark.parametrize("option", ["--card", "--sample"])
def test_a_card_or_a_sample_that_is_a_fifo_is_refused(make_app: MakeApp, tmp_path: Path, option: str) -> None:
    os.mkfifo(tmp_path / "fifo")
    joblib.dump(LINE, tmp_path / "line.joblib")
    args = ["models", "publish", str(tmp_path / "line.joblib"), "--name", "line", option, str(tmp_path / "fifo")]
    result = make_app().test_cli_runner().invoke(args=args)
    assert (result.exit_code, result.output) == (1, f"Error: {tmp_path / 'fifo'} can't be read (not a regular file).\n")


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        (["check"], "Another check may end otherwise. To try again: flask --app wsgi models check "),
        (["publish", "--name", "line"], "Please try it once more."),
    ],
)
def test_it_offers_to_try_again_what_the_machine_decided(
    make_app: MakeApp, tmp_path: Path, command: list[str], advice: str
) -> None:
    joblib.dump(Crashing(), tmp_path / "crashing.joblib")
    app = make_app(trusted_types=[f"{Crashing.__module__}.Crashing"])
    result = app.test_cli_runner().invoke(args=["models", *command, str(tmp_path / "crashing.joblib")])
    assert result.exit_code == 1
    assert "Its process crashed." in result.output
    assert advice in result.output.splitlines()[-1]


def test_it_writes_nothing(database_url: str, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("home", "instance", "models", "spool", "temporary")}
    for folder in folders.values():
        folder.mkdir()
    joblib.dump(LINE, folders["models"] / "line.joblib")
    # The sockets of the file's process are in a folder there while it runs.
    temporary = folders["temporary"]

    def state() -> dict[Path, int]:
        paths = [tmp_path, *tmp_path.rglob("*")]
        return {path: 0 if path == temporary else path.lstat().st_mtime_ns for path in paths}

    before = state()
    environ = {
        **{"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "DATABASE_URL": database_url},
        **{"HOME": str(folders["home"]), "TMPDIR": str(folders["temporary"]), "SECRET_KEY": SECRET},
        **{f"{name.upper()}_DIR": str(folders[name]) for name in ("instance", "models", "spool")},
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "models", "check", folders["models"] / "line.joblib"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert state() == before
