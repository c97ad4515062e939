"""Login, logout, and choice and change of a password."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for

from webapp.controllers.access.identity import COOKIE
from webapp.controllers.http.context import principal, services
from webapp.errors import LoginRefused, LoginsBusy, PasswordRefused, ScoredeskError, TooManyAttempts

bp = Blueprint("login", __name__)


@bp.get("/login")
def login() -> str:
    """Show the login form."""
    return render_template("accounts/login.html", next=request.args.get("next", ""))


@bp.post("/login")
def log_in() -> Response:
    """Begin a session, or show why the login failed."""
    name, password, old_token = request.form.get("name", "").strip(), request.form.get("password", ""), _token()
    try:
        token = services().login.log_in(name, password, address=request.remote_addr or "", old_token=old_token)
    except (LoginRefused, LoginsBusy, TooManyAttempts) as error:
        return _page("accounts/login.html", error, next=request.form.get("next", ""), name=name)
    answer = redirect(_own_address(request.form.get("next", "")), 303)
    answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")
    return answer  # type: ignore[return-value]


@bp.post("/logout")
def log_out() -> Response:
    """End the session in the browser and in the database."""
    if token := _token():
        services().sessions.end(token)
    answer = redirect(url_for("login.login"), 303)
    answer.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return answer  # type: ignore[return-value]


@bp.get("/account")
def account() -> str:
    """Show the user's name and roles, and the form to change the password."""
    return render_template("accounts/account.html")


@bp.post("/account")
def change_password() -> Response:
    """Change the user's password, which ends all of their sessions."""
    name, password, new = principal().name or "", request.form.get("password", ""), request.form.get("new_password", "")
    try:
        services().login.change_password(name, password, new, address=request.remote_addr or "")
    except LoginRefused:
        return _page("accounts/account.html", PasswordRefused("The current password is wrong."))
    except (PasswordRefused, LoginsBusy, TooManyAttempts) as error:
        return _page("accounts/account.html", error)
    return redirect(url_for("login.login"), 303)  # type: ignore[return-value]


@bp.get("/password")
def new_password() -> str:
    """Show the form to choose a password with a link; the link stays valid, because mail programs open links too."""
    token = request.args.get("token", "")
    return render_template("accounts/password.html", token=token, name=services().password_links.name_of(token))


@bp.post("/password")
def choose_password() -> Response:
    """Set the password that a user chose with a link, which ends the link."""
    token, password = request.form.get("token", ""), request.form.get("new_password", "")
    try:
        name = services().password_links.use(token, password)
    except PasswordRefused as error:
        name = services().password_links.name_of(token)
        return _page("accounts/password.html", error, token=token, name=name)
    return Response(render_template("accounts/login.html", name=name, is_chosen=True))


def _page(template: str, error: ScoredeskError, **values: str) -> Response:
    """Show the form again, with the reason why it had no effect."""
    answer = Response(render_template(template, problem=error.message, **values), error.status)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _token() -> str | None:
    return request.cookies.get(COOKIE)


def _own_address(path: str) -> str:
    """Return the address to open after the login, or the list of models if the path leads to another website."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return request.script_root + path if is_own else url_for("models.index")
