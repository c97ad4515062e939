"""Receives the service's requests to the zygote, each with a file if it needs one, and sends the answers."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

from webapp.helpers.frames import HEAD, ConnectionEnded, encode_frame, receive_frame

#: Seconds that the service may take to send a request or to take an answer.
PATIENCE_SECONDS = 5.0
MAX_REQUEST_BYTES = 1024 * 1024


def receive_request(connection: socket.socket) -> tuple[dict[str, Any], int | None]:
    """Receive the header of a request, and the file that came with it."""
    connection.settimeout(PATIENCE_SECONDS)
    begun, files, _, _ = socket.recv_fds(connection, HEAD.size, 1)
    if not begun:
        raise ConnectionEnded
    try:
        header, _ = receive_frame(connection, max_header=MAX_REQUEST_BYTES, max_payload=0, begun=begun)
    except BaseException:
        for file in files:
            os.close(file)
        raise
    return header, files[0] if files else None


def send_answer(connection: socket.socket, answer: dict[str, Any], report: bytes = b"") -> None:
    """Send an answer, and close the connection."""
    # Who asked may be gone.
    with connection, suppress(OSError):
        connection.settimeout(PATIENCE_SECONDS)
        connection.sendall(encode_frame(answer, report))
