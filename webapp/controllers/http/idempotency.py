"""Repeats the first answer when a request is sent again with the same Idempotency-Key."""

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

#: The headers that determine how a body is read.
BODY_HEADERS = ("Content-Type", "Content-Encoding", "Inference-Header-Content-Length")


def idempotent(view: Callable[P, Response]) -> Callable[P, Response]:
    """Run a view once for each Idempotency-Key; without a key it always runs.

    Write this decorator below the route. The answer of the view may depend only on the path, the query, the body
    and the headers about the body.
    """

    @wraps(view)
    def once(*args: P.args, **kwargs: P.kwargs) -> Response:
        header = request.headers.get("Idempotency-Key")
        if header is None:
            return view(*args, **kwargs)
        claim = services().idempotency_keys.claim(_scope(), read_key(header), _fingerprint())
        if isinstance(claim, StoredAnswer):
            return _replay(claim)
        try:
            answer = view(*args, **kwargs)
        except BaseException:
            services().idempotency_keys.abandon(claim)
            raise
        _store(claim, answer)
        return answer

    return once


def _scope() -> str:
    return caller(Channel.JSON).actor or ""


def _fingerprint() -> bytes:
    headers = [request.headers.get(name, "") for name in BODY_HEADERS]
    return fingerprint(request.path.encode(), request.query_string, *map(str.encode, headers), request.get_data())


def _store(claim: Claim, answer: Response) -> None:
    keys = services().idempotency_keys
    if not 200 <= answer.status_code < 300:
        keys.abandon(claim)
        return
    stored = StoredAnswer(status=answer.status_code, content_type=answer.content_type or "", body=answer.get_data())
    if not keys.finish(claim, stored):
        # The request has run, so the client gets its answer.
        logger.warning("The answer to request %s could not be stored for its Idempotency-Key", g.request_id)


def _replay(answer: StoredAnswer) -> Response:
    headers = {"Idempotent-Replayed": "true"}
    return Response(answer.body, status=answer.status, headers=headers, content_type=answer.content_type)
