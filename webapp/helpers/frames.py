"""Frames: what the service and the process of a model send each other, as JSON and raw bytes with lengths and limits.

A frame is never a pickle. Its receiver says how large it may be, because its sender may be hostile.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Mapping
from typing import Any

import orjson

#: The mark of a frame, and the lengths of its two parts.
HEAD = struct.Struct("<4sII")
MARK = b"SDF1"
#: How much one call of ``recv`` asks for, at least and at most.
SMALL_BYTES, CHUNK_BYTES = 16_384, 1024 * 1024


class FrameInvalid(Exception):
    """What was received is not a frame, or is larger than its receiver allows."""


class ConnectionEnded(Exception):
    """The other side closed the connection before the whole frame was sent."""


def encode_frame(header: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """Return a frame as bytes."""
    text = orjson.dumps(header)
    return b"".join((HEAD.pack(MARK, len(text), len(payload)), text, payload))


def receive_frame(
    connection: socket.socket,
    *,
    max_header: int,
    max_payload: int,
    deadline: float | None = None,
    begun: bytes = b"",
) -> tuple[dict[str, Any], bytes]:
    """Receive the only frame that this side of a connection gets.

    Parameters
    ----------
    deadline : float, optional
        The time of ``time.monotonic`` at which to give up.
    begun : bytes
        What was received of it already.

    Raises
    ------
    FrameInvalid
    ConnectionEnded
    TimeoutError
        At the deadline.
    OSError
    """
    received = begun if len(begun) >= HEAD.size else _receive(connection, begun, HEAD.size, deadline)
    mark, header_size, payload_size = HEAD.unpack_from(received)
    if mark != MARK or header_size > max_header or payload_size > max_payload:
        raise FrameInvalid
    start, end = HEAD.size + header_size, HEAD.size + header_size + payload_size
    if len(received) < end:
        received = _receive(connection, received, end, deadline)
    if len(received) > end:
        raise FrameInvalid
    return decode_header(received[HEAD.size : start]), bytes(received[start:])


def decode_header(text: bytes | bytearray) -> dict[str, Any]:
    """Return the JSON object of a frame.

    Raises
    ------
    FrameInvalid
    """
    try:
        header = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise FrameInvalid from None
    if not isinstance(header, dict):
        raise FrameInvalid
    return header


def _receive(connection: socket.socket, begun: bytes | bytearray, size: int, deadline: float | None) -> bytearray:
    """Return at least so many bytes, with those that were received before; small frames come whole."""
    received = bytearray(begun)
    while len(received) < size:
        if deadline is not None:
            seconds = deadline - time.monotonic()
            if seconds <= 0:
                raise TimeoutError
            connection.settimeout(seconds)
        part = connection.recv(min(max(size - len(received), SMALL_BYTES), CHUNK_BYTES))
        if not part:
            raise ConnectionEnded
        received += part
    return received
