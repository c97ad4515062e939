"""Assigns each request an id, the client's own if it sent one, and returns it in the answer."""

from __future__ import annotations

import os
import re

from flask import Flask, Response, g, request

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


def init_app(app: Flask) -> None:
    app.before_request(_assign_id)
    app.after_request(_return_id)


def _assign_id() -> None:
    header = request.environ.get("HTTP_X_REQUEST_ID", "")
    g.request_id = header if WELL_FORMED.fullmatch(header) else os.urandom(16).hex()


def _return_id(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    return response
