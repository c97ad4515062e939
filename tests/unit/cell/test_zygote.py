"""webapp.cell.zygote: requests that are none, and machines that can lock no process"""

from __future__ import annotations

import os
import socket
from mmap import PAGESIZE, mmap
from pathlib import Path

import pytest

from tests.cells import ZYGOTE, cells_of
from tests.versions.estimators import times
from webapp.cell import zygote
from webapp.cell.fork import Cell
from webapp.cell.lock import Protection
from webapp.cell.zygote import Zygote
from webapp.helpers.frames import encode_frame, receive_frame

REQUESTS = [
    b"",
    b"GET / HTTP/1.1\r\n\r\n",
    encode_frame({}),
    encode_frame({"request": "run", "key": "k"}),
    encode_frame({"request": "open"}),
    encode_frame({"request": "open", "key": "k", "probed": None, "size": 1, "digest": "d", "trusted": []}),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_that_is_none_is_answered_and_harms_nobody(request_: bytes, tmp_path: Path) -> None:
    ZYGOTE.request({"request": "status", "key": "k"})
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(ZYGOTE.folder / "zygote"))
        connection.settimeout(10)
        connection.sendall(request_)
        connection.shutdown(socket.SHUT_WR)
        answer, _ = receive_frame(connection, max_header=4096, max_payload=0)
    assert answer["state"] == "failed"
    assert cells_of(times(2), tmp_path).read().reason is None


def test_a_request_with_a_file_is_answered_however_fast_the_zygote_is() -> None:
    file = os.open(os.devnull, os.O_RDONLY)
    try:
        states = {ZYGOTE.request({"request": "status", "key": "k"}, file)[0]["state"] for _ in range(50)}
    finally:
        os.close(file)
    assert states == {"alive"}


def test_a_request_that_is_too_long_for_one_packet_is_answered() -> None:
    file = os.open(os.devnull, os.O_RDONLY)
    try:
        assert ZYGOTE.request({"request": "status", "key": "k", "rest": "x" * 900_000}, file)[0]["state"] == "alive"
    finally:
        os.close(file)


@pytest.mark.parametrize(("may_be_unlocked", "answer"), [(False, {"state": "unlocked"}), (True, None)])
def test_it_starts_nothing_where_nothing_can_be_locked_unless_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may_be_unlocked: bool, answer: object
) -> None:
    monkeypatch.setattr(zygote, "available", lambda: Protection(landlock=0, seccomp=False))
    asker, reports = socket.socketpair()
    cell = Cell(pid=0, size=1, reports=reports, state=mmap(-1, PAGESIZE))
    monkeypatch.setattr(zygote, "fork_cell", lambda *_, **__: cell)
    made = Zygote(tmp_path, owner=os.getpid(), max_cells=1, may_be_unlocked=may_be_unlocked, readable=())
    header = {"request": "open", "key": "k", "probed": None, "size": 1, "digest": "d", "trusted": []}
    assert made.open(header, 0, asker) == answer
    assert cell.waiting == ([asker] if may_be_unlocked else [])
    made._selector.close()
    made._pools["k"].stop_listening()
    for connection in (asker, reports):
        connection.close()
