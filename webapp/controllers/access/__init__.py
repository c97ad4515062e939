"""Checks the origin, the identity and the permission of each request before it reaches a controller."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from flask import Flask, Response, g, redirect, url_for

from webapp.config import Settings
from webapp.controllers.access.csrf import refuse_other_origins
from webapp.controllers.access.identity import Identify, identifier
from webapp.controllers.access.permissions import OPEN, permission_for
from webapp.controllers.http.context import current_request, services
from webapp.controllers.http.paths import wants_json
from webapp.errors import AccountInvalid, AccountsUnavailable, LoginNeeded, NotAllowed, ProxyNotTrusted
from webapp.helpers.accounts.addresses import counted_network
from webapp.helpers.accounts.roles import ANONYMOUS

MINUTE = timedelta(minutes=1)


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse every request that the table of permissions doesn't allow."""
    identify = identifier(settings)
    app.before_request(lambda: _admit(identify, settings.rate_limit, settings.cors_origins))
    app.context_processor(lambda: {"auth": settings.auth, "principal": g.get("principal", ANONYMOUS)})


def _admit(identify: Identify, rate_limit: int, origins: Collection[str]) -> Response | None:
    g.principal, request = ANONYMOUS, current_request()
    refuse_other_origins(request, origins)
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    try:
        principal = g.principal = identify()
    except (AccountInvalid, LoginNeeded, ProxyNotTrusted):
        # A failed authentication counts against the address, to limit how many API keys a client can try.
        _count(counted_network(request.remote_addr), rate_limit)
        raise
    _count(principal.name or counted_network(request.remote_addr), rate_limit)
    permission = permission_for(request.endpoint)
    model = (request.view_args or {}).get("name")
    if principal.may_all(permission.role) if permission.for_all else principal.may(permission.role, model):
        return None
    if principal is not ANONYMOUS:
        raise NotAllowed(f"Your role doesn't allow this. Ask an administrator for the role “{permission.role.word}”.")
    if wants_json():
        raise LoginNeeded
    if request.method != "GET":
        raise LoginNeeded("You are logged out.")
    return redirect(url_for("login.login", next=request.full_path.rstrip("?")), 303)  # type: ignore[return-value]


def _count(client: str, rate_limit: int) -> None:
    if rate_limit:
        # While requests can't be counted, none is refused.
        with suppress(AccountsUnavailable):
            services().attempts.count({f"rate {client}": rate_limit}, MINUTE)
