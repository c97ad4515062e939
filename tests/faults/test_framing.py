"""Requests that are not HTTP, that end early, or that two servers could understand differently."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.faults.conftest import Serve
from tests.faults.postgres import Postgres
from tests.serving import Serving

SECRET = b"Zebrafink"
HOST = b"Host: localhost\r\n"
BODY = b'{"inputs": {"x0": 1, "x1": 2}}'
#: The beginning of a body that is valid by itself.
FORM = b"x0=1&x1=2"


def post(*headers: bytes, body: bytes = b"", path: bytes = b"/api/v1/models/sum/predict") -> bytes:
    kind = b"application/x-www-form-urlencoded" if path == b"/models/sum" else b"application/json"
    lines = [b"POST %s HTTP/1.1" % path, b"Host: localhost", b"Content-Type: " + kind, *headers]
    return b"\r\n".join([*lines, b"", body])


def get(*headers: bytes, target: bytes = b"/healthz", version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"GET %s HTTP/%s" % (target, version), *headers, b"", b""])


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED, LENGTH, END = b"Transfer-Encoding: chunked", b"Content-Length: %d" % len(BODY), b"0\r\n\r\n"
V2 = b"/v2/models/sum/infer"
#: After these, the place where the next request begins is unknown.
BROKEN = {
    "a chunk size that is not hexadecimal": post(CHUNKED, body=SECRET + b"\r\nabc\r\n" + END),
    "a negative chunk size": post(CHUNKED, body=b"-5\r\nabc\r\n" + END),
    "a chunk size without an end": post(CHUNKED, body=b"f" * 20_000),
    "an invalid chunk extension": post(CHUNKED, body=b"3;\x01" + SECRET + b"\r\nabc\r\n" + END),
    "a chunk that is longer than it says": post(CHUNKED, body=b"3\r\n" + SECRET + b"\r\n" + END),
    "a trailer that is no header": post(CHUNKED, body=chunk(BODY) + b"0\r\n" + SECRET + b"\r\n\r\n"),
    "a bad chunk for a form": post(CHUNKED, body=SECRET + b"\r\n", path=b"/models/sum"),
    "a bad chunk for another protocol": post(CHUNKED, body=SECRET + b"\r\n", path=V2),
    "a bad chunk with a key": post(CHUNKED, b"Idempotency-Key: one", body=SECRET + b"\r\n"),
    "a length and chunks": post(CHUNKED, LENGTH, body=chunk(BODY) + END),
    "two lengths": post(LENGTH, LENGTH, body=BODY),
    "a list of lengths": post(LENGTH + b", 30", body=BODY),
    "a negative length": post(b"Content-Length: -1"),
    "a length with a sign": post(b"Content-Length: +30", body=BODY),
    "gzip besides chunks": post(b"Transfer-Encoding: gzip, chunked", body=chunk(BODY) + END),
    "gzip without chunks": post(b"Transfer-Encoding: gzip", body=chunk(BODY) + END),
    "gzip and chunks in two headers": post(b"Transfer-Encoding: gzip", CHUNKED, body=chunk(BODY) + END),
    "another transfer coding": post(b"Transfer-Encoding: %s, chunked" % SECRET, body=chunk(BODY) + END),
    "chunks in HTTP/1.0": post(CHUNKED, body=chunk(BODY) + END).replace(b"1.1", b"1.0"),
    "two hosts": get(b"Host: localhost", b"Host: " + SECRET),
    "no HTTP": SECRET + b"\r\n\r\n",
}
#: The client closes its side before the body is complete.
EARLY = {
    "a chunk that is shorter than it says": post(CHUNKED, body=b"ff\r\n" + SECRET),
    "a chunk of very many bytes": post(CHUNKED, body=b"f" * 17 + b"\r\n" + SECRET),
    "no last chunk": post(CHUNKED, body=chunk(BODY)),
    "no end of the trailers": post(CHUNKED, body=chunk(BODY) + b"0\r\n"),
    "a body that is shorter than its length": post(b"Content-Length: 99", body=BODY),
    "no body but a length": post(b"Content-Length: 99"),
    "a form that is shorter than its length": post(b"Content-Length: 99", body=FORM, path=b"/models/sum"),
    "a tensor that is shorter than its length": post(b"Content-Length: 99", body=BODY, path=V2),
}
#: The request is understood, and is for nobody here.
HOSTS = {
    "no host": get(),
    "an empty host": get(b"Host:"),
    "a host with a user": get(b"Host: me@localhost"),
    "a host with a space": get(b"Host: localhost " + SECRET),
    "a list of hosts": get(b"Host: localhost, " + SECRET),
    "a port that is none": get(b"Host: localhost:99999"),
    "another host": get(b"Host: zebrafink.example"),
    "an address of another host": get(b"Host: localhost", target=b"http://zebrafink.example/healthz"),
    "an address of this host for another": get(b"Host: zebrafink.example", target=b"http://localhost/healthz"),
    "two slashes for another host": get(b"Host: zebrafink.example", target=b"/static//style.css"),
}
OTHERS = {
    "an expectation": (post(b"Expect: " + SECRET, LENGTH, body=BODY), 417),
    "too large a length": (post(b"Content-Length: 99999999999999999999", body=BODY), 413),
    "too long an address": (get(b"Host: localhost", target=b"/" + SECRET * 1000), 414),
    "too many headers": (get(b"Host: localhost", *[b"A%d: %s" % (number, SECRET) for number in range(200)]), 431),
}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Serving]:
    with serve(web_concurrency=1) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_happens(server: Serving, postgres: Postgres) -> Iterator[None]:
    """Whatever is sent here: the worker lives, nothing is recorded, and nothing of it is in the log."""
    before, workers = recorded(postgres), [worker.pid for worker in server.workers]
    yield
    assert answers(send(server, post(LENGTH, body=BODY)))[0][0] == 200
    assert [worker.pid for worker in server.workers] == workers
    assert recorded(postgres) == before + 1
    assert SECRET.decode().lower() not in "".join(server.so_far()).lower()


def recorded(postgres: Postgres) -> int:
    with psycopg.connect(postgres.url) as connection:
        (row,) = connection.execute("SELECT count(*) FROM predictions")
    return int(row[0])


def send(server: Serving, data: bytes, ends: bool = True) -> bytes:
    """Send bytes, close this side of the connection or leave it open, and return what comes until the other closes."""
    target = urlsplit(server.url)
    with socket.create_connection((str(target.hostname), target.port or 80), timeout=20) as connection:
        connection.sendall(data)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read()


def answers(received: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return the status, the head and the body of each answer."""
    found = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        found.append((int(head.split()[1]), head, received[:length]))
        received = received[length:]
    return found


def refused_once(received: bytes) -> tuple[int, bytes]:
    """Check that there is one answer, in the shape of an error; return its status and its head."""
    ((status, head, body),) = answers(received)
    assert SECRET not in body
    if b"text/html" in head:
        assert b"<h1>" in body
    else:
        error = json.loads(body)
        assert error["error"].endswith(".")
        assert error.get("status", status) == status
    return status, head


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_request_is_refused_once_and_its_connection_ends(server: Serving, way: str) -> None:
    status, head = refused_once(send(server, BROKEN[way], ends=False))
    assert status == 400
    assert b"Connection: close" in head


@pytest.mark.parametrize("way", EARLY)
def test_a_body_that_ends_early_is_not_predicted(server: Serving, way: str) -> None:
    assert refused_once(send(server, EARLY[way]))[0] == 400


@pytest.mark.parametrize("way", HOSTS)
def test_a_request_for_no_host_or_another_is_refused(server: Serving, way: str) -> None:
    assert refused_once(send(server, HOSTS[way]))[0] == 400


@pytest.mark.parametrize("way", OTHERS)
def test_what_is_too_much_has_a_status_of_its_own(server: Serving, way: str) -> None:
    data, expected = OTHERS[way]
    assert refused_once(send(server, data))[0] == expected


def test_a_bad_chunk_that_nobody_reads_changes_no_answer(server: Serving) -> None:
    bad = post(CHUNKED, body=SECRET + b"\r\n", path=b"/api/v1/models/none/predict")
    assert [status for status, _, _ in answers(send(server, bad, ends=False))] == [404]


@pytest.mark.parametrize("host", [b"LOCALHOST", b"localhost.:80", b"[::1]", b"[::1]:8000", b"127.0.0.1"])
def test_it_answers_to_the_names_of_its_own_address(server: Serving, host: bytes) -> None:
    assert answers(send(server, get(b"Host: " + host)))[0][0] == 200


@pytest.mark.parametrize("target", [b"//login", b"///login", b"/.//login"])
def test_two_slashes_name_no_host(server: Serving, target: bytes) -> None:
    head = answers(send(server, get(b"Host: localhost", target=target)))[0][1]
    assert b"Location: //" not in head
    assert b"://" not in head


def test_http_1_0_needs_no_host(server: Serving) -> None:
    assert answers(send(server, get(version=b"1.0")))[0][0] == 200
