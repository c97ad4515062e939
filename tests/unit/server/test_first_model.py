"""webapp.server.first_model"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import joblib
import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.versions.estimators import times
from webapp.config import Settings
from webapp.server import first_model


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of a person, outside of the models folder."""
    path = tmp_path_factory.mktemp("home of Ünal") / "my line's (new).pkl"
    joblib.dump(times(1), path)
    return path


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal as standard input; what is written here is what the person types."""
    keyboard, terminal = os.openpty()
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield keyboard
    os.close(keyboard)


def publish(app: Flask, file: Path) -> None:
    first_model.publish(file, app.extensions["scoredesk"], Settings())


def champion(app: Flask, name: str) -> str:
    store = app.extensions["scoredesk"].store
    store.refresh()
    return str(store.get(name).version)


def test_it_publishes_a_file_and_says_what_it_found(app: Flask, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publish(app, file)
    first, model, *_, last = capsys.readouterr().out.splitlines()
    assert first == f"Reading {file}"
    assert model.startswith("  Model:     LinearRegression, made with scikit-learn ")
    assert last == "Published my-line-s-new, version 1"
    assert champion(app, "my-line-s-new") == "1"


def test_a_file_that_was_published_before_is_not_published_again(
    app: Flask, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(app, file)
    champion(app, "my-line-s-new")
    publish(app, file)
    assert capsys.readouterr().out.splitlines()[-1] == "Already here: my-line-s-new, version 1"
    assert len(list(tmp_path.rglob("*.joblib"))) == 1


def test_a_file_in_the_models_folder_is_served_as_it_lies_there(
    app: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    joblib.dump(times(1), tmp_path / "line.joblib")
    publish(app, tmp_path / "line.joblib")
    assert "Already here: line, version " in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["line.joblib"]


def test_another_file_of_the_same_name_is_refused_with_what_to_do(
    app: Flask, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(app, file)
    joblib.dump(times(2), file)
    with pytest.raises(SystemExit) as ended:
        publish(app, file)
    assert ended.value.code == 1
    assert "flask --app wsgi models publish '" in capsys.readouterr().err
    assert champion(app, "my-line-s-new") == "1"


@pytest.mark.parametrize(("typed", "version"), [(b"y\n", "2"), (b"\n", "1"), (b"no\n", "1"), (b"\x04", "1")])
def test_a_person_at_a_terminal_is_asked_whether_it_is_the_next_version(
    app: Flask, file: Path, answer: int, typed: bytes, version: str
) -> None:
    publish(app, file)
    joblib.dump(times(2), file)
    os.write(answer, typed)
    if version == "2":
        publish(app, file)
    else:
        with pytest.raises(SystemExit):
            publish(app, file)
    assert champion(app, "my-line-s-new") == version


@pytest.mark.parametrize("content", [b"no pickle", None])
def test_a_file_that_cant_be_served_ends_the_start_with_its_reason(
    app: Flask, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit) as ended:
        publish(app, file)
    assert ended.value.code == 1
    says = "is not a file. Write the path" if content is None else "can't be published. It "
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_it_says_where_the_form_is_and_opens_no_browser_without_a_desktop(
    file: Path, answer: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(subprocess, "run", pytest.fail)
    first_model.open_form(file, Settings(port=9000))
    assert capsys.readouterr().out == "The form of my line's (new) is at http://127.0.0.1:9000/models/my-line-s-new\n"


def test_it_opens_the_form_for_a_person_at_a_desktop(
    file: Path, answer: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, opened = tmp_path / "xdg-open", tmp_path / "opened"
    opener.write_text(f'#!/bin/sh\necho "$@" > {opened}.new && mv {opened}.new {opened}\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    first_model.open_form(file, Settings(port=9000))
    for thread in [each for each in threading.enumerate() if each.name == "browser"]:
        thread.join(10)
    assert opened.read_text() == "http://127.0.0.1:9000/models/my-line-s-new\n"
