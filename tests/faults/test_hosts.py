"""Two hosts on one database: one is cut off from it, and a third has keys of its own."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import pytest

from tests import serving
from tests.faults.conftest import Serve
from tests.faults.load import PATH, Load
from tests.faults.postgres import Postgres, wait_until
from tests.faults.proxy import Proxy
from tests.serving import Serving

OTHER_KEY = "SECRET_KEY is not the key that this database is used with."


@pytest.fixture(scope="module")
def hosts(
    serve: Serve, wire: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Serving, Serving, Path]]:
    """Two hosts, the second of which can be cut off, and the second one's spool."""
    folders = [tmp_path_factory.mktemp("host") / "spool" for _ in range(2)]
    with (
        serve(spool_dir=folders[0], web_concurrency=1) as one,
        serve(spool_dir=folders[1], web_concurrency=1, database_url=wire.url) as other,
    ):
        yield one, other, folders[1]


@pytest.fixture
def cut(wire: Proxy) -> Iterator[Proxy]:
    """The same way, cut until it is mended."""
    wire.go_down()
    yield wire
    wire.is_down = False


def ask(url: str, body: Any = None) -> tuple[int, HTTPMessage, str]:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def watch(url: str, reloads: int = 10) -> str:
    """Open a page and do what a browser does with its Refresh header, until it has none."""
    for _ in range(reloads):
        _, headers, text = ask(url)
        if "Refresh" not in headers:
            return text
        time.sleep(int(headers["Refresh"]))
    raise AssertionError("It never came")


def test_what_a_host_that_is_cut_off_keeps_comes_to_the_others_later(
    hosts: tuple[Serving, Serving, Path], cut: Proxy, nothing_is_lost: Any
) -> None:
    one, other, spool = hosts
    with Load(other.url, clients=4) as load:
        # Answers that were on their way when it was cut off may be in the database.
        wait_until(lambda: list(spool.glob("*.journal")) and load.more_than(100))
    id = load.answers[-1].id
    status, headers, text = ask(f"{one.url}/api/v1/predictions/{id}")
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "is stored on another server and is not here yet" in json.loads(text)["error"]
    status, headers, text = ask(f"{one.url}/predictions/{id}")
    assert (status, headers["Refresh"]) == (503, "5")
    assert "Not here yet" in text
    # The host itself shows it, without the database.
    assert json.loads(ask(f"{other.url}/api/v1/predictions/{id}")[2])["id"] == id
    cut.is_down = False
    assert id in watch(f"{one.url}/predictions/{id}")
    nothing_is_lost(load.answers, spool)
    assert json.loads(ask(f"{one.url}/api/v1/predictions/{id}")[2])["id"] == id


def settings_of_a_stray(postgres: Postgres, sums: Path, folder: Path) -> dict[str, object]:
    """A host that made keys of its own, because none were given to it."""
    folders = {"models_dir": sums, "instance_dir": folder, "spool_dir": folder / "spool"}
    return {"database_url": postgres.url, "web_concurrency": 1} | folders


def test_a_host_with_keys_of_its_own_does_not_start(
    hosts: tuple[Serving, Serving, Path], postgres: Postgres, sums: Path, tmp_path: Path
) -> None:
    server = serving.start(**settings_of_a_stray(postgres, sums, tmp_path))
    try:
        said = server.said()
    finally:
        if server.process.poll() is None:
            server.stop()
    assert server.process.returncode == 1
    assert said.splitlines()[-1].startswith(OTHER_KEY)
    assert "copy secret_key and sealing_key from the instance folder of the first host" in said


def test_a_host_with_keys_of_its_own_that_starts_while_it_is_cut_off_records_nothing(
    hosts: tuple[Serving, Serving, Path], postgres: Postgres, sums: Path, tmp_path: Path, cut: Proxy
) -> None:
    ((before,),) = postgres.execute("SELECT count(*) FROM predictions")
    server = serving.start(**settings_of_a_stray(postgres, sums, tmp_path) | {"database_url": cut.url})
    try:
        wait_until(lambda: lives(server), serving.START_TIMEOUT)
        assert ask(server.url + PATH, {"inputs": {"x0": 1, "x1": 2}})[0] == 503
        cut.is_down = False
        wait_until(lambda: any(OTHER_KEY in line for line in server.so_far()))
        status, headers, _ = ask(server.url + PATH, {"inputs": {"x0": 1, "x1": 2}})
        assert (status, headers["Retry-After"]) == (503, "5")
        assert ask(f"{server.url}/readyz")[0] == 503
    finally:
        server.stop()
    assert not list((tmp_path / "spool").glob("*.journal"))
    assert postgres.execute("SELECT count(*) FROM predictions") == [(before,)]


def lives(server: Serving) -> bool:
    assert server.process.poll() is None, server.said()
    try:
        return ask(f"{server.url}/healthz")[0] == 200
    except OSError:
        return False
