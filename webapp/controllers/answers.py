"""JSON answers."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response


def json_answer(body: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(body), status=status, mimetype="application/json")
