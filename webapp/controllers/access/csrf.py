"""Refuses what the page of another site lets a browser send.

A browser says with each request whose page made it (Sec-Fetch-Site, and Origin in older ones); no page can
change that. So no form needs a token, none can be forgotten, and it works without a session too. What is no
browser sends neither, and holds no cookie that another site's page could use.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

from webapp.errors import ForeignOrigin

SAFE = ("GET", "HEAD", "OPTIONS")


def refuse_other_origins(request: Request) -> None:
    """Let nothing be done that another site's page sent.

    Raises
    ------
    ForeignOrigin
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        ours = site in ("same-origin", "none")
    else:
        ours = origin is None or urlsplit(origin).netloc == request.host
    if not ours:
        raise ForeignOrigin
