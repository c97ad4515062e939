"""Login, logout, and choice and change of a password."""

from __future__ import annotations

from flask import Blueprint, Response, after_this_request, g, redirect, render_template, request, url_for

from webapp.controllers.forms import form_page
from webapp.controllers.http.arguments import read_id
from webapp.controllers.http.context import principal, services
from webapp.controllers.http.kept_form import COOKIE
from webapp.controllers.http.responses import with_retry_after
from webapp.errors import LoginRefused, LoginsBusy, PasswordRefused, ScoredeskError, TooManyAttempts
from webapp.helpers.accounts.roles import Role

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
        kept = request.form.get("kept", "")
        return _page("accounts/login.html", error, next=request.form.get("next", ""), name=name, kept=kept)
    # Also where the form that was kept can't be shown.
    after_this_request(lambda answer: _with_cookie(answer, token))
    return _kept_form(token) or redirect(_own_address(request.form.get("next", "")), 303)  # type: ignore[return-value]


def _with_cookie(answer: Response, token: str) -> Response:
    answer.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")
    return answer


def _kept_form(token: str) -> Response | None:
    """Show the form that was sent without a session, as it was filled in; None if there is none for this user."""
    form, user = services().kept_forms.read(request.form.get("kept", "")), services().sessions.find(token)
    if form is None or user is None or form.user not in ("", user.name) or not user.may(Role.PREDICT, form.model):
        return None
    g.principal, g.kept_form = user, form
    page = form_page(services().store.get(form.model), dict(form.fields), previous=read_id(form.beside))
    return Response(page)


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
    return with_retry_after(Response(render_template(template, problem=error.message, **values), error.status), error)


def _token() -> str | None:
    return request.cookies.get(COOKIE)


def _own_address(path: str) -> str:
    """Return the address to open after the login, or the list of models if the path leads to another website."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return request.script_root + path if is_own else url_for("models.index")
