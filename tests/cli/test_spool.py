"""flask spool"""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.faults.rows import a_row, an_id, spooled
from webapp.helpers.uuid7 import time_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "waiting"


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["spool", *words])
    return result.exit_code, result.output


def test_it_tells_what_waits(make_app: MakeApp, folder: Path) -> None:
    app = make_app(spool_dir=folder)
    assert run(app, "status") == (0, f"Rows:       0\nOldest:     -\nSet aside:  0\nFolder:     {folder}\n")
    before = time_of(an_id()).isoformat(timespec="seconds")
    spooled(folder, [a_row(), a_row()]).set_aside([(b"x", "torn")])
    code, output = run(app, "status")
    rows, oldest, aside, _ = output.splitlines()
    assert (code, rows, aside) == (0, "Rows:       2", "Set aside:  1")
    assert before <= oldest.split()[1] <= time_of(an_id()).isoformat(timespec="seconds")


def test_it_moves_what_waits(make_app: MakeApp, folder: Path) -> None:
    id = an_id()
    app = make_app(spool_dir=folder)
    spooled(folder, [a_row(id)])
    assert run(app, "replay") == (0, "Moved 1 row to PostgreSQL.\n")
    assert run(app, "replay") == (0, "Moved 0 rows to PostgreSQL.\n")
    assert app.extensions["scoredesk"].log.get(id).id == id


def test_it_says_when_postgresql_is_out_of_reach(make_app: MakeApp, folder: Path) -> None:
    spool = spooled(folder, [a_row()])
    app = make_app(spool_dir=folder, database_url="postgresql://x@127.0.0.1:9/x")
    said = "Error: PostgreSQL at 127.0.0.1/x can't be reached. Check DATABASE_URL and whether the server is running. "
    said += "What was not moved stays in the spool.\n"
    assert run(app, "replay") == (1, said)
    assert spool.status().rows == 1


def test_it_says_when_the_keys_are_not_those_of_the_database(make_app: MakeApp, folder: Path) -> None:
    make_app().extensions["scoredesk"].key_check.start()
    spool = spooled(folder, [a_row()])
    stray = make_app(spool_dir=folder, secret_key="another secret key")
    code, output = run(stray, "replay")
    assert (code, output[:24]) == (1, "Error: SECRET_KEY is not")
    forget = ["predictions", "forget", "--model", "penguins", "--input", "patient_id=17"]
    assert "Error: SECRET_KEY is not" in stray.test_cli_runner().invoke(args=forget).output
    assert spool.status().rows == 1


def test_it_says_when_another_replays(make_app: MakeApp, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.cli.spool.REPLAY_WAIT_SECONDS", 0.2)
    with spooled(folder, [a_row()]).lock():
        said = "Error: Another process is moving the records already. Please try again in a moment.\n"
        assert run(make_app(spool_dir=folder), "replay") == (1, said)


@pytest.mark.parametrize("command", ["status", "replay"])
def test_it_says_when_the_spool_is_unusable(make_app: MakeApp, folder: Path, command: str) -> None:
    folder.touch()
    assert run(make_app(spool_dir=folder), command) == (1, f"Error: The spool in {folder} can't be read.\n")
