"""Authenticates the sender of a request: by API key, session cookie or trusted proxy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import request

from webapp.config import Settings
from webapp.controllers.access.last_known import LastKnownPrincipals
from webapp.controllers.http.context import services
from webapp.controllers.http.kept_form import COOKIE
from webapp.controllers.http.paths import is_for_scripts
from webapp.errors import LoginNeeded, ProxyNotTrusted
from webapp.helpers.accounts.roles import ANONYMOUS, UNRESTRICTED, Principal, Role
from webapp.services.accounts.user_rows import readable_name

Identify = Callable[[], Principal]


def identifier(settings: Settings) -> Identify:
    """Return the function that authenticates a request, by the setting AUTH."""
    if settings.auth == "none":
        return lambda: UNRESTRICTED
    if settings.auth == "login":
        return partial(_by_key_or_cookie, LastKnownPrincipals())
    return partial(_by_key_or_proxy, LastKnownPrincipals(), settings)


def _by_key_or_cookie(last_known: LastKnownPrincipals) -> Principal:
    if (by_key := _by_key(last_known)) is not None:
        return by_key
    token = request.cookies.get(COOKIE)
    # A browser sends its cookie with requests from any page, so addresses for scripts accept API keys only.
    if token is None or is_for_scripts():
        return ANONYMOUS
    return last_known.find(token, services().sessions.find) or ANONYMOUS


def _by_key_or_proxy(last_known: LastKnownPrincipals, settings: Settings) -> Principal:
    header = request.headers.get(settings.auth_proxy_header, "").strip()
    # Without a login, some proxies send an empty header and others send none.
    if not header:
        return _by_key(last_known) or ANONYMOUS
    if _peer() not in settings.auth_proxy_addresses:
        raise ProxyNotTrusted
    role = None if settings.auth_proxy_role == "none" else Role.named(settings.auth_proxy_role)
    return last_known.find(readable_name(header), partial(services().users.principal, stranger=role)) or ANONYMOUS


def _by_key(last_known: LastKnownPrincipals) -> Principal | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    principal = last_known.find(token.strip(), services().keys.find) if scheme.lower() == "bearer" else None
    if principal is None:
        raise LoginNeeded("This API key is not valid, or it has expired or been revoked.")
    return principal


def _peer() -> str | None:
    """Return the address of the connection itself, whatever forwarded headers say."""
    environ = request.environ.get("werkzeug.proxy_fix.orig") or request.environ
    address = environ.get("REMOTE_ADDR")
    # A socket for both, as with HOST=::, gives IPv4 addresses this prefix.
    return address and str(address).removeprefix("::ffff:")
