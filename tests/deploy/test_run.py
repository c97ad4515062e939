"""`make run` from its user's side: gunicorn with a PostgreSQL of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp
from typing import Any

import psutil
import pytest

from tests import serving
from tests.faults.rows import a_row, an_id, spooled
from tests.serving import Serving, wait_until_ready, workers_of


@pytest.fixture(scope="module")
def instance() -> Iterator[Path]:
    """An instance that lies apart from pytest's own folders, as other runs may clear those away.

    Its path has what a shell, a URL or PostgreSQL's configuration would take for something else.
    """
    folder = Path(mkdtemp(prefix="scoredesk-run-"))
    yield folder / 'Zürich\'s "100%", $HOME' / "instance"
    rmtree(folder)


@pytest.fixture
def settings(instance: Path, penguins_alone: Path) -> Iterator[dict[str, object]]:
    """Settings for that instance; whichever test comes first makes its database."""
    settings: dict[str, object] = {"instance_dir": instance, "models_dir": penguins_alone, "web_concurrency": 2}
    yield settings
    wait_until_gone(settings)


def has_ipv6() -> bool:
    """Whether this machine has a loopback address of IPv6; containers may have none."""
    with socket.socket(socket.AF_INET6) as probe, suppress(OSError):
        probe.bind(("::1", 0))
        return True
    return False


def postmasters(settings: dict[str, object]) -> list[int]:
    """The PostgreSQL servers that run on this instance's data."""
    data = f"{settings['instance_dir']}/postgres"
    return [
        p.pid for p in psutil.process_iter(["cmdline"]) if data in (p.info["cmdline"] or []) and p.status() != "zombie"
    ]


def wait_until_gone(settings: dict[str, object]) -> None:
    deadline = time.monotonic() + 20
    while postmasters(settings):
        assert time.monotonic() < deadline, "PostgreSQL still runs"
        time.sleep(0.1)


def predict(server: Serving, penguin: dict[str, Any]) -> str:
    body = json.dumps({"inputs": penguin}).encode()
    headers = {"Content-Type": "application/json"}
    url = f"{server.url}/api/v1/models/penguins/predict"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as answer:
        return str(json.load(answer)["id"])


def kept(server: Serving) -> list[str]:
    with urllib.request.urlopen(f"{server.url}/api/v1/predictions", timeout=20) as answer:
        return [each["id"] for each in json.load(answer)["predictions"]]


@pytest.mark.parametrize(
    ("how", "where"),
    [(signal.SIGINT, {}), (signal.SIGTERM, {"host": "[::1]" if has_ipv6() else "127.0.0.2", "auth": "login"})],
)
def test_it_says_what_it_does_and_stops_all_it_started(
    settings: dict[str, object], demo_models: Path, how: signal.Signals, where: dict[str, object]
) -> None:
    settings |= {"models_dir": demo_models} | where
    with serving.serving(**settings) as server:
        assert len(postmasters(settings)) == 1
        said = server.stop(how)
    assert said.splitlines() == [
        "Starting PostgreSQL",
        "Serving breast-cancer",
        "Serving penguin-mass",
        "Serving penguins",
        f"Models are read from {settings['models_dir']}, predictions are kept in {settings['instance_dir']}",
        f"Scoredesk is at {server.url}",
    ]
    wait_until_gone(settings)


def test_it_publishes_a_file_of_ones_own_and_its_form_is_there(
    settings: dict[str, object], demo_models: Path, tmp_path: Path
) -> None:
    file = tmp_path / "Meine Möwen.pkl"
    copy(demo_models / "penguins.joblib", file)
    settings |= {"first_model": file, "models_dir": tmp_path / "models", "web_concurrency": 1}
    with serving.serving(**settings) as server:
        address = f"{server.url}/models/Meine-Mowen"
        with urllib.request.urlopen(address, timeout=20) as form:
            assert "Meine Möwen" in form.read().decode()
        said = server.stop().splitlines()
    assert said[1] == f"Reading {file}"
    assert said[-1] == f"The form of Meine Möwen is at {address}"
    file.write_bytes(b"no pickle")
    server = serving.start(**settings)
    assert "can't be published" in server.said()
    assert server.process.returncode == 1


def test_a_second_start_keeps_all_data_and_killing_it_loses_nothing_and_leaves_nothing_running(
    settings: dict[str, object], penguin: dict[str, Any]
) -> None:
    with serving.serving(**settings) as server:
        first = predict(server, penguin)
    with serving.serving(**settings) as server:
        assert kept(server)[0] == first, "It was lost when the service ended"
        second = predict(server, penguin)
        server.stop(signal.SIGKILL)
    wait_until_gone(settings)
    with serving.serving(**settings) as server:
        assert kept(server)[:2] == [second, first], "It was lost when the service was killed"


def test_what_waits_in_the_spool_is_moved_by_the_workers_and_killed_ones_are_replaced(
    settings: dict[str, object], penguin: dict[str, Any]
) -> None:
    id = an_id()
    spool = spooled(Path(str(settings["instance_dir"])) / "spool", [a_row(id)])
    with serving.serving(**settings) as server:
        deadline = time.monotonic() + 20
        while not spool.is_empty():
            assert time.monotonic() < deadline, "It still waits"
            time.sleep(0.1)
        assert kept(server)[0] == str(id)
        first = predict(server, penguin)
        for worker in workers_of(server.process.pid):
            os.kill(worker.pid, signal.SIGKILL)
        wait_until_ready(server)
        second = predict(server, penguin)
        assert second > first
        assert kept(server)[:3] == [second, first, str(id)]


def test_it_takes_over_a_postgres_that_was_left_behind(settings: dict[str, object], penguin: dict[str, Any]) -> None:
    with serving.serving(**settings) as server:
        workers = workers_of(server.process.pid)
        processes = [psutil.Process(server.process.pid), *workers]
        # A worker that learns that its master was killed ends by itself, and the last one stops PostgreSQL.
        for process in processes:
            process.suspend()
        for process in processes:
            process.kill()
        psutil.wait_procs(workers, timeout=10)
    assert postmasters(settings)
    with serving.serving(**settings) as server:
        predict(server, penguin)
    wait_until_gone(settings)


def test_a_port_in_use_is_one_clear_line(settings: dict[str, object]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = serving.start(taken.getsockname()[1], **settings)
        said = server.said()
    assert server.process.returncode == 1
    assert len(said.splitlines()) == 1
    assert "can't be used (Address already in use)" in said


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"threads": "many"}, "THREADS: "),
        ({"standalone": "false", "secret_key": "0123456789abcdef"}, "DATABASE_URL: Set it"),
        (
            {"instance_dir": "/dev/null/instance"},
            "/dev/null can't be used (File exists). Something else is in the place",
        ),
        ({"host": "192.0.2.1", "auth": "login"}, "Port "),
        ({"standalone": "false", "database_url": "postgresql://x@127.0.0.1:9/x"}, "SECRET_KEY: Set it"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(
    settings: dict[str, object], wrong: dict[str, object], sentence: str
) -> None:
    server = serving.start(**settings | wrong)
    said = server.said()
    assert server.process.returncode == 1
    assert len(said.splitlines()) == 1
    assert said.startswith(sentence)
