"""Looks at each request before anything else does: where it comes from, who asks, and whether they may."""

from __future__ import annotations

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
from webapp.helpers.accounts.roles import NOBODY

MINUTE = timedelta(minutes=1)


def init_app(app: Flask, settings: Settings) -> None:
    """Let nothing through that the table of needs doesn't allow."""
    identify = identifier(settings)
    app.before_request(lambda: _admit(identify, settings.rate_limit))
    app.context_processor(lambda: {"auth": settings.auth, "principal": g.get("principal", NOBODY)})


def _admit(identify: Identify, rate_limit: int) -> Response | None:
    g.principal, request = NOBODY, current_request()
    refuse_other_origins(request)
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    try:
        principal = g.principal = identify()
    except (AccountInvalid, LoginNeeded, ProxyNotTrusted):
        # Who says wrongly who they are is counted by where they are, so that keys are not tried without end.
        _count(request.remote_addr, rate_limit)
        raise
    _count(principal.name or request.remote_addr, rate_limit)
    need = permission_for(request.endpoint)
    model = (request.view_args or {}).get("name")
    if principal.may_all(need.role) if need.for_all else principal.may(need.role, model):
        return None
    if principal is not NOBODY:
        raise NotAllowed
    if wants_json() or request.method != "GET":
        raise LoginNeeded
    return redirect(url_for("login.login", next=request.full_path.rstrip("?")), 303)  # type: ignore[return-value]


def _count(who: str | None, rate_limit: int) -> None:
    if rate_limit:
        # While nothing can be counted, nobody is kept from being answered.
        with suppress(AccountsUnavailable):
            services().attempts.count({f"rate {who}": rate_limit}, MINUTE)
