"""Connections, more of them than threads, come to a thread when they ask and not before"""

from __future__ import annotations

import http.client
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest

from tests.faults.conftest import Serve
from tests.faults.postgres import wait_until
from tests.serving import ROOT, Serving, free_port

THREADS = 2
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Serving]:
    with serve(web_concurrency=1, threads=THREADS) as server:
        yield server


@contextmanager
def connected(server: Serving) -> Iterator[tuple[socket.socket, BinaryIO]]:
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection, connection.makefile("rb") as answers:
        yield connection, answers


def read(answers: BinaryIO) -> tuple[int, dict[bytes, bytes], bytes]:
    status = int(answers.readline().split()[1])
    headers = {}
    while line := answers.readline().strip():
        name, _, value = line.partition(b": ")
        headers[name.lower()] = value
    return status, headers, answers.read(int(headers[b"content-length"]))


def is_answered(server: Serving) -> bool:
    with urllib.request.urlopen(f"{server.url}/healthz", timeout=10) as answer:
        return bool(answer.status == 200)


def ask(url: str) -> bytes | None:
    """Give as much of the answer as there is; None without one."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bytes(answer.read())
    except http.client.IncompleteRead as error:
        return error.partial
    except (OSError, http.client.HTTPException):
        return None


def predict(x: float) -> bytes:
    body = json.dumps({"inputs": {"x0": x, "x1": 1.0}}).encode()
    head = f"POST /api/v1/models/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + body


def test_requests_that_come_in_one_piece_are_answered_in_their_order(server: Serving) -> None:
    with connected(server) as (connection, answers):
        connection.sendall(predict(1) + GET + predict(2))
        assert [read(answers)[0] for _ in range(3)] == [200, 200, 200]


def test_a_connection_asks_again_and_again(server: Serving) -> None:
    with connected(server) as (connection, answers):
        for _ in range(50):
            connection.sendall(GET)
            assert read(answers)[0] == 200


def test_more_connections_than_threads_take_turns(server: Serving) -> None:
    with ExitStack() as stack:
        all_of_them = [stack.enter_context(connected(server)) for _ in range(20 * THREADS)]
        for _ in range(3):
            for connection, _answers in all_of_them:
                connection.sendall(predict(1))
            for _connection, answers in all_of_them:
                assert read(answers)[0] == 200


def test_those_that_say_nothing_hold_no_thread(server: Serving) -> None:
    with ExitStack() as stack:
        for _ in range(10 * THREADS):
            stack.enter_context(connected(server))
        began = time.monotonic()
        assert is_answered(server)
        # gunicorn gives a connection in a thread five seconds to say something.
        assert time.monotonic() - began < 4


def test_whoever_has_asked_is_answered_however_long_all_threads_are_busy(server: Serving) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(server)) for _ in range(THREADS)]
        for connection, _answers in slow:
            connection.sendall(predict(1)[:-1])
        time.sleep(0.5)
        others = [stack.enter_context(connected(server)) for _ in range(5)]
        for connection, _answers in others:
            connection.sendall(predict(2))
        # Longer than a connection may wait that asks nothing.
        time.sleep(4)
        for connection, answers in slow:
            connection.sendall(predict(1)[-1:])
            assert read(answers)[0] == 200
        for _connection, answers in others:
            assert read(answers)[0] == 200


def test_probes_are_answered_while_all_threads_are_busy(server: Serving) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(server)) for _ in range(THREADS)]
        for connection, _answers in slow:
            connection.sendall(predict(1)[:-1])
        kept = stack.enter_context(connected(server))
        for path in (b"/healthz", b"/readyz", b"/v2/health/live", b"/v2/health/ready"):
            kept[0].sendall(GET.replace(b"/healthz", path))
            assert read(kept[1])[0] == 200
        # Half a probe's request holds up no other probe, and no other request is taken for one.
        others = [stack.enter_context(connected(server)) for _ in range(3)]
        for (connection, _answers), sent in zip(others, [GET[:-2], GET * 2, predict(2)], strict=True):
            connection.sendall(sent)
        assert all(is_answered(server) for _ in range(3))
        assert select.select([connection for connection, _answers in others], [], [], 0)[0] == []
        for connection, answers in slow:
            connection.sendall(predict(1)[-1:])
            assert read(answers)[0] == 200
        others[0][0].sendall(GET[-2:])
        assert [read(answers)[0] for _connection, answers in others] == [200] * 3


def test_one_that_sends_many_requests_at_once_takes_turns(server: Serving) -> None:
    with ExitStack() as stack:
        greedy = [stack.enter_context(connected(server)) for _ in range(THREADS)]
        for connection, _answers in greedy:
            connection.sendall(GET * 500)
        with connected(server) as (connection, answers):
            connection.sendall(GET)
            assert read(answers)[0] == 200
        arrived = [connection.recv(2**20, socket.MSG_PEEK | socket.MSG_DONTWAIT) for connection, _answers in greedy]
        assert max(each.count(b"HTTP/1.1 200") for each in arrived) < 500
        for _connection, answers in greedy:
            assert [read(answers)[0] for _ in range(500)] == [200] * 500


def test_a_request_in_small_pieces_is_one_request(server: Serving) -> None:
    with connected(server) as (connection, answers):
        for each in predict(1):
            connection.sendall(bytes([each]))
        assert read(answers)[0] == 200


def test_one_that_waits_too_long_is_closed(server: Serving) -> None:
    with connected(server) as (connection, answers):
        connection.sendall(GET)
        assert read(answers)[0] == 200
        assert answers.read() == b""


def test_those_that_are_cut_off_cost_no_thread(server: Serving) -> None:
    for sent in (b"", b"GET /", predict(1)[:-5], predict(1)) * 5 * THREADS:
        with connected(server) as (connection, _answers):
            connection.sendall(sent)
            # It is reset instead of closed.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert is_answered(server)


def test_one_that_is_kept_is_answered_while_the_service_stops_and_told_to_go(serve: Serve) -> None:
    with serve(web_concurrency=1, threads=THREADS) as server, connected(server) as (connection, answers):
        server.process.terminate()
        said = b""
        while said != b"close":
            connection.sendall(predict(1))
            status, headers, _ = read(answers)
            assert status == 200
            said = headers[b"connection"]
        assert answers.read() == b""
        server.said()
        assert server.process.returncode == 0


def test_those_who_wait_to_be_accepted_are_answered_when_the_service_stops(serve: Serve) -> None:
    with serve(web_concurrency=1, threads=THREADS) as server, ExitStack() as stack:
        (worker,) = server.workers
        worker.suspend()
        waiting = [stack.enter_context(connected(server)) for _ in range(20)]
        for number, (connection, _) in enumerate(waiting):
            connection.sendall(predict(number))
        server.process.terminate()
        # The master closes its socket before it tells the worker.
        wait_until(lambda: not [each for each in psutil.Process(server.process.pid).net_connections() if each.laddr])
        worker.resume()
        assert [read(answers)[0] for _, answers in waiting] == [200] * 20


@contextmanager
def torn(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the app whose answers break off, with the service's worker and gunicorn's own configuration."""
    address = f"127.0.0.1:{free_port()}"
    options = [
        "-c",
        os.devnull,
        "-k",
        "webapp.server.worker.SharedPollWorker",
        "--threads",
        str(THREADS),
        "-b",
        address,
    ]
    command = [sys.executable, "-m", "gunicorn", "tests.faults.torn:app", "--workers", "2", *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_until(lambda: ask(f"http://{address}/whole") == b"ab")
        yield f"http://{address}", process
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_answers_that_break_off_cost_no_thread(tmp_path: Path) -> None:
    with torn(tmp_path) as (url, process):
        for _ in range(4 * THREADS):
            assert ask(f"{url}/torn") == b"a"
            ask(f"{url}/exit")
        for _ in range(4):
            assert ask(f"{url}/whole") == b"ab"
        process.terminate()
        assert process.wait(timeout=30) == 0


@pytest.mark.parametrize("seconds", [0, 0.05, 0.5])
def test_ctrl_c_ends_it_at_once_also_while_workers_are_starting(seconds: float, tmp_path: Path) -> None:
    with torn(tmp_path) as (_url, process):
        time.sleep(seconds)
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 0
        # Without its threads' help it would be killed after thirty.
        assert time.monotonic() - began < 15
