"""Refuses requests that a page of another website made a browser send.

A browser tells with each request which site's page made it (in Sec-Fetch-Site, older ones in Origin), and no page
can change that. So no form needs a token, no form can lack one, and the check works without a session too. Other
clients send neither header, and they have no cookie that another website could misuse.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Request

from webapp.controllers.http.cors import may_send
from webapp.errors import ForeignOrigin

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def refuse_other_origins(request: Request, origins: Collection[str]) -> None:
    """Refuse a request that may change something and comes from a page of another website, except from ``origins``.

    Raises
    ------
    ForeignOrigin
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        is_own = site in ("same-origin", "none")
    else:
        is_own = origin is None or urlsplit(origin).netloc == request.host
    if not is_own and not may_send(request, origins):
        raise ForeignOrigin
