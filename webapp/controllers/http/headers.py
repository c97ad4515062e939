"""The headers that keep a browser from doing what the pages never need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
NEVER_KEPT = [*ALWAYS, ("Cache-Control", "no-store")]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def init_app(app: Flask) -> None:
    app.wsgi_app = _protected(app.wsgi_app, f"{app.static_url_path}/")  # type: ignore[assignment, method-assign]


def _protected(answer: Wsgi, static: str) -> Wsgi:
    """Put the headers on every answer; outside of Flask, because there each would be checked each time."""

    def protected(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        added = ALWAYS if environ["PATH_INFO"].startswith(static) else NEVER_KEPT

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, headers + added, exc_info)

        return answer(environ, start)

    return protected
