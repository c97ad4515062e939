"""Lets pages of the origins in CORS_ORIGINS call the addresses for scripts (https://fetch.spec.whatwg.org).

Without Access-Control-Allow-Credentials, a browser shows such a page nothing that depends on cookies, so only the API
key that the page itself has counts.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from flask import Flask, Request, Response

from webapp.config import Settings
from webapp.controllers.http.context import current_request, is_guarded
from webapp.controllers.http.paths import is_for_scripts

PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Encoding, Content-Type, Idempotency-Key, "
    "Inference-Header-Content-Length, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
#: Headers of answers that pages may read, beside those that every page may.
EXPOSED_HEADERS = "Idempotent-Replayed, Inference-Header-Content-Length, Retry-After, X-Request-ID"


def init_app(app: Flask, settings: Settings) -> None:
    if origins := settings.cors_origins:
        app.before_request(partial(_answer_preflight, origins))
        app.after_request(partial(_share, origins))


def may_send(request: Request, origins: Collection[str]) -> bool:
    """Return whether a page of another origin may send this request, which may change something.

    Where a key is needed, the page must send it. No browser adds a user's cookies, which could stand for a login at a
    proxy, to a request with that header.
    """
    has_key = "Authorization" in request.headers or not is_guarded()
    return is_for_scripts() and request.headers.get("Origin") in origins and has_key


def _answer_preflight(origins: Collection[str]) -> Response | None:
    """Answer what a browser asks, without a key, before it sends a request of a page of another origin."""
    request = current_request()
    is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if is_preflight and is_for_scripts() and request.headers.get("Origin") in origins:
        return Response(status=204, headers=PREFLIGHT_HEADERS)
    return None


def _share(origins: Collection[str], response: Response) -> Response:
    if is_for_scripts():
        response.vary.add("Origin")
        if (origin := current_request().headers.get("Origin", "")) in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    return response
