"""Lets a request that is sent again with its Idempotency-Key get its first answer again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, g, request

from webapp.controllers.http.context import caller, services
from webapp.controllers.http.idempotency_key import fingerprint, read_key
from webapp.services.idempotency import Claim, StoredAnswer
from webapp.types import Channel

logger = logging.getLogger(__name__)

P = ParamSpec("P")

#: The headers that say how a body is to be read.
DECIDING = ("Content-Type", "Content-Encoding", "Inference-Header-Content-Length")


def idempotent(view: Callable[P, Response]) -> Callable[P, Response]:
    """Let a view run once for each Idempotency-Key; without one it runs as it is.

    It stands below the route. Only what the path, the query, the body and the headers about the body say may
    decide the view's answer.
    """

    @wraps(view)
    def once(*args: P.args, **kwargs: P.kwargs) -> Response:
        sent = request.headers.get("Idempotency-Key")
        if sent is None:
            return view(*args, **kwargs)
        found = services().idempotency_keys.claim(_scope(), read_key(sent), _fingerprint())
        if isinstance(found, StoredAnswer):
            return _replayed(found)
        try:
            answer = view(*args, **kwargs)
        except BaseException:
            services().idempotency_keys.abandon(found)
            raise
        _keep(found, answer)
        return answer

    return once


def _scope() -> str:
    return caller(Channel.JSON).actor or ""


def _fingerprint() -> bytes:
    said = [request.headers.get(name, "") for name in DECIDING]
    return fingerprint(request.path.encode(), request.query_string, *map(str.encode, said), request.get_data())


def _keep(claim: Claim, answer: Response) -> None:
    keys = services().idempotency_keys
    if not 200 <= answer.status_code < 300:
        keys.abandon(claim)
        return
    stored = StoredAnswer(status=answer.status_code, content_type=answer.content_type or "", body=answer.get_data())
    if not keys.finish(claim, stored):
        # What it did is done, so the client gets its answer.
        logger.warning("The answer to request %s could not be kept for its Idempotency-Key", g.request_id)


def _replayed(answer: StoredAnswer) -> Response:
    headers = {"Idempotent-Replayed": "true"}
    return Response(answer.body, status=answer.status, headers=headers, content_type=answer.content_type)
