"""Checks the origin, the identity and the permission of each request before it reaches a controller."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from functools import partial

from flask import Flask, Response, g, redirect, request, url_for

from webapp.config import Settings
from webapp.controllers.access.csrf import refuse_other_origins
from webapp.controllers.access.identity import Identify, identifier
from webapp.controllers.access.permissions import OPEN, is_permitted, permission_for
from webapp.controllers.http.context import current_request, services
from webapp.controllers.http.paths import is_for_scripts, wants_json
from webapp.errors import AccountInvalid, AccountsUnavailable, LoginNeeded, NotAllowed, ProxyNotTrusted
from webapp.helpers.accounts.addresses import counted_network
from webapp.helpers.accounts.roles import ANONYMOUS

MINUTE = timedelta(minutes=1)


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse every request that the table of permissions doesn't allow."""
    identify = identifier(settings)
    app.before_request(lambda: _admit(identify, settings.rate_limit, settings.cors_origins))
    may_open = partial(_may_open, settings.auth)
    app.context_processor(
        lambda: {"auth": settings.auth, "principal": g.get("principal", ANONYMOUS), "may_open": may_open}
    )


def _may_open(auth: str, endpoint: str, model: str | None = None) -> bool:
    """Return whether the reader may open a page, so that a link to it makes sense."""
    if auth == "none":
        return True
    if request.endpoint in OPEN:
        return False
    # Nobody is identified at an address that doesn't exist, or while the database can't be reached.
    return not g.get("is_identified") or is_permitted(g.principal, endpoint, model)


def _admit(identify: Identify, rate_limit: int, origins: Collection[str]) -> Response | None:
    g.principal, request = ANONYMOUS, current_request()
    refuse_other_origins(request, origins)
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    try:
        principal = g.principal = identify()
        g.is_identified = True
    except (AccountInvalid, LoginNeeded, ProxyNotTrusted):
        # A failed authentication counts against the address, to limit how many API keys a client can try.
        _count(counted_network(request.remote_addr), rate_limit)
        raise
    _count(principal.name or counted_network(request.remote_addr), rate_limit)
    if is_permitted(principal, request.endpoint, (request.view_args or {}).get("name")):
        return None
    if principal is not ANONYMOUS:
        role = permission_for(request.endpoint).role
        raise NotAllowed(f"Your role doesn't allow this. Ask an administrator for the role “{role.word}”.")
    if is_for_scripts() or wants_json():
        raise LoginNeeded
    if request.method != "GET":
        raise LoginNeeded("You have been logged out.")
    return redirect(url_for("login.login", next=request.full_path.rstrip("?")), 303)  # type: ignore[return-value]


def _count(client: str, rate_limit: int) -> None:
    if rate_limit:
        # While requests can't be counted, none is refused.
        with suppress(AccountsUnavailable):
            services().attempts.count({f"rate {client}": rate_limit}, MINUTE)
