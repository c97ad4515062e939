"""webapp.services.cells.interpreters"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from webapp.errors import EnvironmentRefused
from webapp.services.cells.interpreters import find_interpreter


def program(folder: Path, code: str, name: str = "python3.99") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two that PATH names, the first of which has pyenv's program for a version that is not active."""
    program(tmp_path / "shims", "echo 'pyenv: python3.99: command not found' >&2; exit 127")
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}:{tmp_path / 'bin'}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    return tmp_path


def test_the_services_own_python_comes_first() -> None:
    minor = ".".join(platform.python_version_tuple()[:2])
    assert find_interpreter(minor) == find_interpreter(platform.python_version()) == sys.executable


@pytest.mark.parametrize("place", ["bin", "pyenv/versions/3.99.1/bin", "uv/cpython-3.99.1-linux/bin"])
def test_it_passes_over_one_that_does_not_run(path: Path, place: str) -> None:
    working = program(path / place, "echo 3.99.1")
    assert find_interpreter("3.99") == find_interpreter("3.99.1") == working


@pytest.mark.parametrize("code", ["exit 127", "echo 3.9.99", "echo 3.990.1", "kill $$"])
def test_without_one_that_runs_it_says_how_to_name_one(path: Path, code: str) -> None:
    program(path / "bin", code)
    with pytest.raises(EnvironmentRefused) as refused:
        find_interpreter("3.99")
    assert str(refused.value) == (
        "This needs Python 3.99, and none that runs was found. Install it or, if it is here already, say where: "
        "--python /path/to/python3.99"
    )


def test_a_path_or_a_name_is_tried_too(path: Path) -> None:
    working = program(path / "elsewhere", "echo 3.98.0", name="mine")
    assert find_interpreter(working) == working
    with pytest.raises(EnvironmentRefused, match="--python /path/to/python3"):
        find_interpreter("python3.99")
    with pytest.raises(EnvironmentRefused, match="nothing is no Python that runs here"):
        find_interpreter(str(path / "nothing"))


def test_without_the_wanted_version_a_newer_one_that_will_do_is_taken(path: Path) -> None:
    working = program(path / "bin", "echo 3.99.1")
    assert find_interpreter("3.97", "3.99") == working
    with pytest.raises(EnvironmentRefused, match=r"This needs Python 3\.96 to 3\.98, and none"):
        find_interpreter("3.96", "3.98")
