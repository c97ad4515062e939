"""POST /uploads, when the client says too much, more than it says, or goes"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Serving, serving

LIMIT, PIECE = 4 * 1024**2, b"x" * 1024**2
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.joblib"\r\n\r\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def server(module_database_url: str, folder: Path) -> Iterator[Serving]:
    settings = {"uploads": True, "max_upload": LIMIT, "web_concurrency": 1}
    with serving(database_url=module_database_url, models_dir=folder, **settings) as started:
        yield started


def connect(server: Serving, length: str) -> socket.socket:
    port = int(server.url.rsplit(":", 1)[1])
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = ["POST /uploads HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: multipart/form-data; boundary=b"]
    connection.sendall("\r\n".join([*head, length, "", ""]).encode())
    return connection


def status(connection: socket.socket) -> bytes:
    return connection.recv(1024).split(b"\r\n")[0]


def stored(server: Serving) -> list[str]:
    """Return the files without a name that the workers have open, other than in memory."""
    files = [path for worker in server.workers for path in Path(f"/proc/{worker.pid}/fd").iterdir()]
    targets = [str(file.readlink()) for file in files if file.is_symlink()]
    return [target for target in targets if target.endswith("(deleted)") and "known" in target]


def assert_nothing_is_left(server: Serving, folder: Path) -> None:
    deadline = time.monotonic() + 10
    while stored(server):
        assert time.monotonic() < deadline, "It is still there"
        time.sleep(0.05)
    assert list(folder.iterdir()) == []


def test_three_gigabytes_are_refused_before_they_are_read(server: Serving, folder: Path) -> None:
    with connect(server, f"Content-Length: {3 * 1024**3}") as connection:
        assert status(connection) == b"HTTP/1.1 413 REQUEST ENTITY TOO LARGE"
    assert_nothing_is_left(server, folder)


def test_a_body_of_unknown_length_is_cut_off(server: Serving, folder: Path) -> None:
    sent = 0
    with connect(server, "Transfer-Encoding: chunked") as connection:
        connection.sendall(b"%x\r\n%s\r\n" % (len(PART), PART))
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            while sent < 100 * len(PIECE):
                connection.sendall(b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
                sent += len(PIECE)
    assert LIMIT <= sent < 40 * len(PIECE)
    assert_nothing_is_left(server, folder)


def test_a_connection_that_is_lost_at_half_leaves_nothing(server: Serving, folder: Path) -> None:
    with connect(server, f"Content-Length: {2 * len(PIECE)}") as connection:
        connection.sendall(PART + PIECE)
        deadline = time.monotonic() + 10
        while not stored(server):
            assert time.monotonic() < deadline, "Nothing was stored yet"
            time.sleep(0.01)
    assert_nothing_is_left(server, folder)
