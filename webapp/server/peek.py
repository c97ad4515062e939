"""Looks at what a connection holds, without reading it."""

from __future__ import annotations

import re
import select
import socket

#: More than the head of any probe's request.
MAX_PEEKED_BYTES = 8192
HEAD_END = b"\r\n\r\n"
#: The beginning of a request for one of the addresses that say whether the service lives and is ready.
PROBE = re.compile(rb"(?:GET|HEAD) /(?:healthz|readyz|health|ping|v2/health/(?:live|ready))[? ]")


def has_request(connection: socket.socket) -> bool:
    """Return whether a connection holds data that was not read yet."""
    poll = select.poll()
    try:
        poll.register(connection, select.POLLIN)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        # Its thread has just closed it.
        return True


def has_probe(connection: socket.socket) -> bool:
    """Return whether a connection holds the whole request of a probe and nothing else: its client can't delay it."""
    try:
        head, end, rest = connection.recv(MAX_PEEKED_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT).partition(HEAD_END)
    except OSError:
        return False
    return bool(PROBE.match(head) and end and not rest)
