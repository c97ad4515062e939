"""Logging in and out, one's own password, and what administrators see: users, keys and the audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from webapp.controllers.access.identity import COOKIE
from webapp.controllers.current import principal, services
from webapp.errors import AccountInvalid, LoginRefused, PasswordRefused, TooManyAttempts
from webapp.helpers.access import ROLE_NAMES, Role
from webapp.services.accounts import id_of
from webapp.services.audit import Action

bp = Blueprint("accounts", __name__)

#: So many wrong passwords in so much time, for one name and from one address.
WINDOW, MOST_BY_NAME, MOST_BY_ADDRESS = timedelta(minutes=15), 10, 50
#: How long a key lasts at most, in days, where its maker says nothing else.
KEY_DAYS = 365


@bp.get("/login")
def login() -> str:
    """Ask for name and password."""
    return render_template("login.html", next=request.args.get("next", ""))


@bp.post("/login")
def log_in() -> Response | tuple[str, int]:
    """Begin a session, or say that name and password don't belong together."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    try:
        token = _begin(name, password)
    except (LoginRefused, TooManyAttempts) as error:
        page = render_template("login.html", next=request.form.get("next", ""), name=name, problem=error.message)
        return page, error.status
    answer = redirect(_own_address(request.form.get("next", "")), 303)
    answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")
    return answer  # type: ignore[return-value]


@bp.post("/logout")
def log_out() -> Response:
    """End the session, here and in the database."""
    if token := request.cookies.get(COOKIE):
        if found := services().sessions.find(token):
            services().audit.record(Action.LOGGED_OUT, "", found.name)
        services().sessions.end(token)
    answer = redirect(url_for("accounts.login"), 303)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return answer  # type: ignore[return-value]


@bp.get("/account")
def account() -> str:
    """Show who is logged in, what they may do, and where they change their password."""
    return render_template("account.html")


@bp.post("/account")
def change_password() -> Response | tuple[str, int]:
    """Change one's own password; all sessions end, and one begins anew."""
    name = principal().name or ""
    try:
        _authenticate(name, request.form.get("password", ""))
        services().users.set_password(name, request.form.get("new_password", ""))
    except LoginRefused:
        services().audit.record(Action.CHANGE_REFUSED, "", name)
        return render_template("account.html", problem="This is not your password."), 422
    except (PasswordRefused, TooManyAttempts) as error:
        return render_template("account.html", problem=error.message), error.status
    services().audit.record(Action.USER_CHANGED, name, name, what="password")
    return redirect(url_for("accounts.login"), 303)  # type: ignore[return-value]


@bp.get("/keys")
def keys() -> str:
    """List the keys of scripts."""
    return _keys_page()


@bp.post("/keys")
def make_key() -> Response | tuple[str, int]:
    """Make a key and show it, once."""
    try:
        role = Role.named(request.form.get("role", ""))
        days = int(request.form.get("days") or KEY_DAYS)
        models = [model for model in request.form.getlist("model") if model] or None
        name, expires = request.form.get("name", ""), datetime.now(UTC) + timedelta(days=min(max(days, 1), 3650))
        made = services().keys.make(name, role, models=models, expires_at=expires, created_by=principal().name)
    except (AccountInvalid, ValueError) as error:
        sentence = error.message if isinstance(error, AccountInvalid) else "Choose a role and a number of days."
        return _keys_page(problem=sentence), 422
    details = {"id": id_of(made), "role": role.word, "models": models}
    services().audit.record(Action.KEY_CREATED, name, principal().name, **details)
    return make_response(_keys_page(made=made))


@bp.post("/keys/<id>/revoke")
def revoke_key(id: str) -> Response:
    """Let a key in no more."""
    key = services().keys.revoke(id)
    services().audit.record(Action.KEY_REVOKED, key.name, principal().name, id=id)
    return redirect(url_for("accounts.keys"), 303)  # type: ignore[return-value]


@bp.get("/users")
def users() -> str:
    """List the users with their roles."""
    return render_template("users.html", users=services().users.all())


@bp.get("/audit")
def audit() -> str:
    """Show who did what, the newest first."""
    before = request.args.get("before", "")
    events = services().audit.page(int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None)
    return render_template("audit.html", events=events)


def _begin(name: str, password: str) -> str:
    """Check name and password, unless there were too many wrong ones, and begin a session."""
    try:
        user = _authenticate(name, password)
    except LoginRefused:
        services().audit.record(Action.LOGIN_REFUSED, "", None)
        raise
    services().audit.record(Action.LOGGED_IN, "", name.casefold())
    return services().sessions.begin(user, request.cookies.get(COOKIE))


def _authenticate(name: str, password: str) -> UUID:
    """Check name and password, wherever they are asked for.

    Each attempt is counted as a wrong one before the password is looked at, because that takes long enough for many
    others to begin meanwhile. A right one begins the count of its name anew, but not that of its address: else whoever
    has a password of their own could go on guessing others'.
    """
    by_address, by_name = f"login from {request.remote_addr}", f"login {name.casefold()}"
    attempts = services().attempts
    attempts.count({by_address: MOST_BY_ADDRESS, by_name: MOST_BY_NAME}, WINDOW)
    user = services().users.authenticate(name, password)
    attempts.forget(by_name, WINDOW)
    attempts.take_back(by_address, WINDOW)
    return user


def _own_address(wanted: str) -> str:
    """Lead back to where somebody wanted to go, as long as that is here."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return request.script_root + wanted if plain else url_for("forms.index")


def _keys_page(**more: str) -> str:
    now = datetime.now(UTC)
    models = [model.name for model in services().store.served()]
    found = services().keys.all()
    return render_template("keys.html", keys=found, now=now, models=models, roles=ROLE_NAMES, days=KEY_DAYS, **more)
