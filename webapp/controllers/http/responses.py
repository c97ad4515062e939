"""Answers in JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from flask import Response

from webapp.errors import ScoredeskError


def json_answer(body: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(body), status=status, mimetype="application/json")


def csv_answer(lines: str | Iterable[str]) -> Response:
    """Answer with CSV that a browser downloads."""
    disposition = {"Content-Disposition": 'attachment; filename="predictions.csv"'}
    return Response(lines, mimetype="text/csv", headers=disposition)


def with_retry_after(answer: Response, error: ScoredeskError) -> Response:
    """Say in a header after how many seconds it can help to try again."""
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer
