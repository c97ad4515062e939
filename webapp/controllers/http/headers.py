"""Security headers: they forbid a browser whatever the pages don't need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
#: For 30 days, a browser that came by HTTPS comes to this host by HTTPS only.
HTTPS_HEADERS = [("Strict-Transport-Security", "max-age=2592000")]
UNCACHED_HEADERS = [*HEADERS, ("Cache-Control", "no-store")]

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def init_app(app: Flask) -> None:
    app.wsgi_app = _with_headers(app.wsgi_app, f"{app.static_url_path}/")  # type: ignore[assignment, method-assign]


def _with_headers(app: WsgiApp, static_path: str) -> WsgiApp:
    """Add the headers to every answer, outside of Flask, which would validate each header again each time."""

    def app_with_headers(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        added = HEADERS if environ["PATH_INFO"].startswith(static_path) else UNCACHED_HEADERS
        if environ["wsgi.url_scheme"] == "https":
            added = added + HTTPS_HEADERS

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, headers + added, exc_info)

        return app(environ, start)

    return app_with_headers
