"""Gives each request an id, the caller's own if it sent one, and repeats it in the answer."""

from __future__ import annotations

import os
import re

from flask import Flask, Response, g, request

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def init_app(app: Flask) -> None:
    app.before_request(_choose)
    app.after_request(_repeat)


def _choose() -> None:
    sent = request.environ.get("HTTP_X_REQUEST_ID", "")
    g.request_id = sent if WELL_FORMED.fullmatch(sent) else os.urandom(16).hex()


def _repeat(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    return response
