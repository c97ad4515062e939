"""More clients than threads, and clients that never finish what they ask."""

from __future__ import annotations

import asyncio
import json
import resource
import select
import socket
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from tests.faults.conftest import Serve
from tests.faults.load import PATH, Answered, Load
from tests.faults.postgres import wait_until
from tests.nginx import nginx_before
from tests.serving import Serving, free_port

CLIENTS = 500
SLOW = 100
#: How many files the service may have open: few, and enough for its threads and 200 idle connections of each worker.
FILES = 380


async def ask(address: str, number: int) -> tuple[int, dict[str, str], Any]:
    """Ask once over a connection of one's own; give the status, the headers and the body."""
    reader, writer = await asyncio.open_connection(*address.split(":"))
    body = json.dumps({"inputs": {"x0": float(number), "x1": 0.5}})
    head = f"POST {PATH} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    start, told = (await reader.read()).decode().split("\r\n\r\n", 1)
    writer.close()
    await writer.wait_closed()
    status, *headers = start.split("\r\n")
    return int(status.split()[1]), dict(header.split(": ", 1) for header in headers), json.loads(told)


async def ask_all_at_once(address: str) -> list[tuple[int, dict[str, str], Any]]:
    async with asyncio.timeout(120):
        return await asyncio.gather(*(ask(address, number) for number in range(1, CLIENTS + 1)))


def asked_by_a_crowd(address: str) -> list[tuple[int, dict[str, str], Any]]:
    # In a thread of its own, because the browser that other tests drive has a loop in this one.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(lambda: asyncio.run(ask_all_at_once(address))).result()


@pytest.mark.parametrize("max_queue", [4096, 1])
def test_a_crowd_is_answered_or_sent_away(serve: Serve, nothing_is_lost: Any, max_queue: int) -> None:
    with serve(max_queue=max_queue) as server:
        answers = asked_by_a_crowd(urlsplit(server.url).netloc)
    answered = [
        Answered(told["id"], {"x0": float(number), "x1": 0.5}, told["prediction"])
        for number, (status, _, told) in enumerate(answers, 1)
        if status == 200
    ]
    sent_away = [headers for status, headers, _ in answers if status == 503]
    assert len(answered) + len(sent_away) == CLIENTS
    assert {headers["Retry-After"] for headers in sent_away} == ({"1"} if max_queue == 1 else set())
    nothing_is_lost(answered)


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process have as many files open as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def silent(server: Serving, count: int) -> Iterator[None]:
    """Open connections, and send nothing."""
    url = urlsplit(server.url)
    with ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection((url.hostname, url.port), timeout=30))
        yield


def is_alive(server: Serving) -> bool:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=60) as answer:
        return bool(answer.status == 200)


@pytest.mark.usefixtures("many_files")
def test_connections_that_say_nothing_use_up_no_files(serve: Serve) -> None:
    with serve(files=FILES) as server:
        workers = server.workers
        with silent(server, 2 * FILES + 200):
            assert all(is_alive(server) for _ in range(5))
        # The second may have been started after the first had answered.
        assert {*workers} <= {*server.workers}
        assert not [line for line in server.so_far() if "Too many open files" in line]


def test_a_worker_that_can_open_no_more_files_makes_room_and_goes_on(serve: Serve) -> None:
    with serve(web_concurrency=1) as server:
        (worker,) = workers = server.workers
        limits = worker.rlimit(psutil.RLIMIT_NOFILE)
        worker.rlimit(psutil.RLIMIT_NOFILE, (worker.num_fds() + 5, limits[1]))
        with silent(server, 50):
            wait_until(lambda: any("Too many open files" in line for line in server.so_far()))
            assert all(is_alive(server) for _ in range(3))
        worker.rlimit(psutil.RLIMIT_NOFILE, limits)
        assert server.ready()["recording"] == "database"
        assert server.workers == workers


@contextmanager
def half_sent(address: str) -> Iterator[list[socket.socket]]:
    """Begin many requests, half of them in the middle of their head, half in the middle of their body."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Le"
    body = 'ngth: 100\r\n\r\n{"inputs": {'
    host, port = address.split(":")
    with ExitStack() as stack:
        opened = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(SLOW)]
        for number, connection in enumerate(opened):
            connection.sendall((head + body if number % 2 else head).encode())
        yield opened


def test_slow_clients_hold_nobody_up(serve: Serve, tmp_path: Path, nothing_is_lost: Any) -> None:
    port = free_port()
    with nginx_before(port, tmp_path) as nginx, serve(port=port, proxy_hops=1):
        address = f"127.0.0.1:{nginx.root.port}"
        with half_sent(address) as slow:
            with Load(f"http://{address}") as load:
                wait_until(lambda: load.more_than(1000))
            # They were all still there.
            assert select.select(slow, [], [], 0)[0] == []
        assert set(load.statuses) == {200}
        nothing_is_lost(load.answers)
