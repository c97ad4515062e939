"""Refuses requests that two servers could understand differently, and those for another host; keeps redirects here."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial
from urllib.parse import urlsplit

from flask import Flask, Request, Response, redirect
from werkzeug.sansio.utils import host_is_trusted

from webapp.config import Settings
from webapp.controllers.http.context import current_request
from webapp.errors import HostRefused, MalformedRequest

PORT = re.compile(r":[0-9]+$", re.ASCII)
#: The host in an address such as ``http://scores.example/healthz``, which a client may send instead of a path.
AUTHORITY = re.compile(r"[^:/?#]+://([^/?#]*)")


def init_app(app: Flask, settings: Settings) -> None:
    hosts = None if settings.hosts is None else [host.lower() for host in settings.hosts]
    app.before_request(partial(_refuse_ambiguous, hosts))
    app.after_request(_stay_here)


def _refuse_ambiguous(hosts: Collection[str] | None) -> None:
    request = current_request()
    if "CONTENT_LENGTH" in request.environ:
        # gunicorn hands on a body that ends early as if it were whole; now Werkzeug counts its bytes.
        request.environ.pop("wsgi.input_terminated", None)
    # gunicorn takes the chunks apart, but would hand on what is coded within them.
    if request.environ.get("HTTP_TRANSFER_ENCODING", "chunked").strip().lower() != "chunked":
        raise MalformedRequest("Send the body with Content-Length, or with no other Transfer-Encoding than chunked.")
    if not _names_one_host(request):
        raise MalformedRequest("The request must name one host.")
    if hosts is not None and not is_trusted(request.host, hosts):
        raise HostRefused


def _names_one_host(request: Request) -> bool:
    """Return whether the request names a valid host, and the same one if it does so twice."""
    environ = request.environ
    header = environ.get("HTTP_HOST")
    if header is None:
        return bool(environ["SERVER_PROTOCOL"] == "HTTP/1.0")
    target = AUTHORITY.match(environ.get("RAW_URI", "/"))
    # Flask leaves the host empty if it has characters that no host has.
    return bool(request.host) and (target is None or target[1].lower() == header.lower())


def is_trusted(host: str, hosts: Collection[str]) -> bool:
    """Return whether a host, with or without a port, is among others in small letters."""
    name = PORT.sub("", host.lower()).removesuffix(".")
    # Werkzeug compares letters exactly, and cuts IPv6 addresses at their first colon.
    return name in hosts or host_is_trusted(name, hosts)


def _stay_here(response: Response) -> Response:
    """Redirect to a path alone: Werkzeug's own redirects repeat the host that the client named."""
    if not 300 <= response.status_code < 400:
        return response
    target = urlsplit(response.headers.get("Location", ""))
    if not target.netloc:
        return response
    query = f"?{target.query}" if target.query else ""
    return redirect(f"/{target.path.lstrip('/')}{query}", response.status_code)  # type: ignore[return-value]
