"""Logging in and out, and one's own password."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for

from webapp.controllers.access.identity import COOKIE
from webapp.controllers.http.context import principal, services
from webapp.errors import LoginRefused, PasswordRefused, TooManyAttempts

bp = Blueprint("login", __name__)


@bp.get("/login")
def login() -> str:
    """Ask for name and password."""
    return render_template("accounts/login.html", next=request.args.get("next", ""))


@bp.post("/login")
def log_in() -> Response | tuple[str, int]:
    """Begin a session, or say that the name or the password is wrong."""
    name, password, old_token = request.form.get("name", "").strip(), request.form.get("password", ""), _token()
    try:
        token = services().login.log_in(name, password, address=request.remote_addr or "", old_token=old_token)
    except (LoginRefused, TooManyAttempts) as error:
        wanted = request.form.get("next", "")
        return render_template("accounts/login.html", next=wanted, name=name, problem=error.message), error.status
    answer = redirect(_own_address(request.form.get("next", "")), 303)
    answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")
    return answer  # type: ignore[return-value]


@bp.post("/logout")
def log_out() -> Response:
    """End the session, here and in the database."""
    if token := _token():
        services().sessions.end(token)
    answer = redirect(url_for("login.login"), 303)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return answer  # type: ignore[return-value]


@bp.get("/account")
def account() -> str:
    """Show who is logged in, what they may do, and where they change their password."""
    return render_template("accounts/account.html")


@bp.post("/account")
def change_password() -> Response | tuple[str, int]:
    """Change one's own password; all sessions end."""
    name, password, new = principal().name or "", request.form.get("password", ""), request.form.get("new_password", "")
    try:
        services().login.change_password(name, password, new, address=request.remote_addr or "")
    except LoginRefused:
        return render_template("accounts/account.html", problem="This is not your password."), 422
    except (PasswordRefused, TooManyAttempts) as error:
        return render_template("accounts/account.html", problem=error.message), error.status
    return redirect(url_for("login.login"), 303)  # type: ignore[return-value]


def _token() -> str | None:
    return request.cookies.get(COOKIE)


def _own_address(wanted: str) -> str:
    """Lead back to the page that the person wanted to open, as long as it is this service's."""
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return request.script_root + wanted if plain else url_for("models.index")
