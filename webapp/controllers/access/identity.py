"""Finds out who asks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import request

from webapp.config import Settings
from webapp.controllers.access.last_known import LastKnownPrincipals
from webapp.controllers.http.context import services
from webapp.controllers.http.paths import is_for_scripts
from webapp.errors import LoginNeeded, ProxyNotTrusted
from webapp.helpers.accounts.roles import ANYBODY, NOBODY, Principal, Role
from webapp.services.accounts.users import readable_name

#: The prefix lets no browser take it from elsewhere or send it in clear.
COOKIE = "__Host-scoredesk"

Identify = Callable[[], Principal]


def identifier(settings: Settings) -> Identify:
    """Choose how to find out who asks, by AUTH."""
    if settings.auth == "none":
        return lambda: ANYBODY
    if settings.auth == "login":
        return partial(_by_key_or_cookie, LastKnownPrincipals())
    return partial(_by_key_or_proxy, LastKnownPrincipals(), settings)


def _by_key_or_cookie(remembered: LastKnownPrincipals) -> Principal:
    if (by_key := _by_key(remembered)) is not None:
        return by_key
    token = request.cookies.get(COOKIE)
    # A browser sends its cookie whichever page made the request; what is for scripts takes keys alone.
    if token is None or is_for_scripts():
        return NOBODY
    return remembered.ask(token, services().sessions.find) or NOBODY


def _by_key_or_proxy(remembered: LastKnownPrincipals, settings: Settings) -> Principal:
    sent = request.headers.get(settings.auth_proxy_header, "").strip()
    # A proxy that nobody logged in to sets it to nothing, which some pass on and some leave out.
    if not sent:
        return _by_key(remembered) or NOBODY
    if _peer() not in settings.auth_proxy_addresses:
        raise ProxyNotTrusted
    stranger = None if settings.auth_proxy_role == "none" else Role.named(settings.auth_proxy_role)
    return remembered.ask(readable_name(sent), partial(services().users.principal, stranger=stranger)) or NOBODY


def _by_key(remembered: LastKnownPrincipals) -> Principal | None:
    sent = request.headers.get("Authorization")
    if sent is None:
        return None
    scheme, _, token = sent.partition(" ")
    found = remembered.ask(token.strip(), services().keys.find) if scheme.lower() == "bearer" else None
    if found is None:
        raise LoginNeeded("This key is not valid here, or no more.")
    return found


def _peer() -> str | None:
    """Give the address that is really connected, whatever forwarded headers say."""
    before = request.environ.get("werkzeug.proxy_fix.orig") or request.environ
    return before.get("REMOTE_ADDR")
