"""The models folder is on a network that falls silent, before the start and while clients send requests"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from tests import serving
from tests.conftest import SECRET
from tests.faults.load import Load
from tests.faults.postgres import Postgres, wait_until
from tests.faults.silent_mount import can_be_silent, silent
from tests.serving import Serving

SILENCE = "The models folder does not answer. What is loaded stays in service."


def readiness(server: Serving) -> tuple[int, dict[str, Any]]:
    """Return the answer of the readiness probe; 0 while there is none."""
    try:
        with urllib.request.urlopen(f"{server.url}/readyz", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except OSError:
        return 0, {}


@pytest.fixture
def folder(sums: Path, tmp_path: Path) -> Path:
    """A models folder that can be covered; beside the model it holds what is no file."""
    folder = tmp_path / "models"
    folder.mkdir()
    if not can_be_silent(folder):
        pytest.skip("a silent folder needs root and FUSE")
    copy(sums / "sum.joblib", folder)
    os.mkfifo(folder / "fifo.joblib")
    os.mkfifo(folder / "fifo.json")
    return folder


@pytest.fixture
def server(folder: Path, spool_dir: Path, postgres: Postgres) -> Iterator[Serving]:
    """A service that was started while its models folder was silent, as it is until the fixture has been made."""
    settings = {"database_url": postgres.url, "secret_key": SECRET, "models_dir": folder, "spool_dir": spool_dir}
    with silent(folder):
        server = serving.start(**settings, web_concurrency=1)
        try:
            wait_until(lambda: readiness(server)[0] == 503, 90)
            assert readiness(server)[1]["models"] == 0
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"{server.url}/api/v1/models/sum", timeout=10)
            with refused.value as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=10) as answer:
                assert answer.status == 200
        except BaseException:
            server.stop()
            raise
    yield server
    server.stop()


def test_the_service_starts_without_it_and_goes_on_without_it(
    server: Serving, folder: Path, nothing_is_lost: Any
) -> None:
    assert any(SILENCE in line for line in server.so_far())
    wait_until(lambda: readiness(server) == (200, readiness(server)[1] | {"models": 1}), 60)
    with Load(server.url, clients=4) as load:
        _wait_for_answers(load)
        with silent(folder):
            lines = len(server.so_far())
            wait_until(lambda: any(SILENCE in line for line in server.so_far()[lines:]), 60)
            _wait_for_answers(load)
        copy(folder / "sum.joblib", folder / "new.joblib")
        wait_until(lambda: readiness(server)[1].get("models") == 2, 60)
    assert set(load.statuses) == {200}
    nothing_is_lost(load.answers)


def _wait_for_answers(load: Load) -> None:
    before = len(load.answers)
    wait_until(lambda: load.more_than(before + 20))
