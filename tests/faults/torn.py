"""An app whose answers break off, for gunicorn"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
    start_response("200 OK", [("Content-Length", "2")])
    if environ["PATH_INFO"] == "/exit":
        sys.exit()
    yield b"a"
    if environ["PATH_INFO"] == "/torn":
        raise RuntimeError
    yield b"b"
