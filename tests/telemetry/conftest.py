"""A real gunicorn of two workers that adds two numbers, and what it tells of itself."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import serving
from tests.conftest import SECRET, DatabaseServer
from tests.faults.load import PATH, save_sums
from tests.serving import Serving

Serve = Callable[..., AbstractContextManager[Serving]]


@pytest.fixture(scope="session")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that adds two numbers, and with a file that is none."""
    folder = save_sums(tmp_path_factory.mktemp("sums"))
    (folder / "broken.joblib").write_bytes(b"nothing")
    return folder


@pytest.fixture(scope="module")
def database(database_server: DatabaseServer) -> Iterator[str]:
    """A database for all tests of a module."""
    url = database_server.create()
    yield url
    database_server.drop(url)


@pytest.fixture(scope="module")
def serve(database: str, sums: Path, tmp_path_factory: pytest.TempPathFactory) -> Serve:
    @contextmanager
    def serve(**settings: Any) -> Iterator[Serving]:
        folders = {"models_dir": sums, "spool_dir": tmp_path_factory.mktemp("spool")}
        chosen = {"database_url": database, "secret_key": SECRET, "web_concurrency": 2} | folders
        with serving.serving(**chosen | settings) as server:
            yield server

    return serve


@contextmanager
def locked(database: str) -> Iterator[None]:
    """Let nothing be recorded inside the block."""
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE predictions IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def ask(url: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """GET, or POST a body of JSON, whatever comes of it."""
    kind = {"Content-Type": "application/json"} if body is not None else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, kind | headers), timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def add(server: Serving, *numbers: Any, **headers: str) -> int:
    """Let the model add 0.5 to each of these numbers, in one request."""
    inputs = [{"x0": number, "x1": 0.5} for number in numbers]
    status, _, _ = ask(f"{server.url}{PATH}", json.dumps({"inputs": inputs}).encode(), **headers)
    return status


def metrics(server: Serving) -> str:
    status, _, text = ask(f"{server.url}/metrics")
    assert status == 200
    return text.decode()
