"""webapp.helpers.frames"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from webapp.helpers.frames import (
    CHUNK_BYTES,
    HEAD,
    MARK,
    ConnectionEnded,
    FrameInvalid,
    decode_header,
    encode_frame,
    receive_frame,
)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Ends = tuple[socket.socket, socket.socket]


def receive(connection: socket.socket, seconds: float = 10) -> tuple[dict[str, object], bytes]:
    return receive_frame(connection, max_header=100, max_payload=10, deadline=time.monotonic() + seconds)


@pytest.mark.parametrize(
    ("header", "payload"), [({}, b""), ({"a": [1, None, "ü"]}, b"\0\xff"), ({"b": 0.1}, b"x" * 10)]
)
def test_a_frame_arrives_as_it_was_sent(ends: Ends, header: dict[str, object], payload: bytes) -> None:
    ends[1].sendall(encode_frame(header, payload))
    assert receive(ends[0]) == (header, payload)


def test_it_arrives_in_however_many_parts(ends: Ends) -> None:
    def send() -> None:
        for byte in encode_frame({"a": 1}, b"payload"):
            ends[1].sendall(bytes([byte]))

    sender = threading.Thread(target=send)
    sender.start()
    assert receive(ends[0]) == ({"a": 1}, b"payload")
    sender.join()


def test_one_that_is_larger_than_a_part_arrives_too(ends: Ends) -> None:
    payload = bytes(range(256)) * (CHUNK_BYTES // 64)
    sender = threading.Thread(target=lambda: ends[1].sendall(encode_frame({}, payload)))
    sender.start()
    assert receive_frame(ends[0], max_header=10, max_payload=len(payload))[1] == payload
    sender.join()


def test_what_was_received_of_its_head_counts(ends: Ends) -> None:
    frame = encode_frame({"a": 1}, b"p")
    ends[1].sendall(frame[5:])
    assert receive_frame(ends[0], max_header=100, max_payload=10, begun=frame[:5]) == ({"a": 1}, b"p")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        encode_frame({"a": "x" * 100}),
        encode_frame({}, b"x" * 11),
        # It only says that it is large, and is refused before anybody waits for the rest.
        HEAD.pack(MARK, 2, 2**32 - 1) + b"{}",
        HEAD.pack(MARK, 2**32 - 1, 0) + b"{}",
        HEAD.pack(b"SDF0", 2, 0) + b"{}",
        HEAD.pack(MARK, 0, 0),
        HEAD.pack(MARK, 2, 0) + b"[]",
        HEAD.pack(MARK, 4, 0) + b"null",
        HEAD.pack(MARK, 7, 0) + b'{"a":1]',
        HEAD.pack(MARK, 9, 0) + b'{"a":NaN}',
        HEAD.pack(MARK, 9, 0) + b'{"a":"\xff"}',
    ],
)
def test_what_is_no_frame_or_too_large_is_refused(ends: Ends, data: bytes) -> None:
    ends[1].sendall(data)
    with pytest.raises(FrameInvalid):
        receive(ends[0])


@pytest.mark.parametrize("size", range(0, len(encode_frame({"a": 1}, b"p")), 3))
def test_an_end_before_the_end_is_told(ends: Ends, size: int) -> None:
    ends[1].sendall(encode_frame({"a": 1}, b"p")[:size])
    ends[1].close()
    with pytest.raises(ConnectionEnded):
        receive(ends[0])


def test_it_waits_until_the_deadline_and_no_longer(ends: Ends) -> None:
    ends[1].sendall(encode_frame({"a": 1}, b"p")[:-1])
    with pytest.raises(TimeoutError):
        receive(ends[0], 0.05)


def test_a_sender_that_dribbles_does_not_move_the_deadline(ends: Ends) -> None:
    enough = threading.Event()

    def dribble() -> None:
        for byte in encode_frame({}, b"x" * 10):
            ends[1].sendall(bytes([byte]))
            if enough.wait(0.05):
                return

    sender = threading.Thread(target=dribble)
    sender.start()
    with pytest.raises(TimeoutError):
        receive(ends[0], 0.2)
    enough.set()
    sender.join()


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(FrameInvalid):
        decode_header(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
