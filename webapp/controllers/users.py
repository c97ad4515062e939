"""Pages for administrators that create users, and change their roles, passwords and access."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, render_template, request, url_for

from webapp.controllers.http.context import principal, services
from webapp.errors import AccountInvalid, LastAdmin
from webapp.helpers.accounts.roles import ROLE_NAMES, Grant, Role
from webapp.services.accounts import PasswordLink

bp = Blueprint("users", __name__)

Page = Response | str | tuple[str, int]


@bp.get("/users")
def index() -> str:
    """List the users with their roles."""
    return _list()


@bp.post("/users")
def create() -> Page:
    """Create a user and show the link with which they choose their first password."""
    name = request.form.get("name", "")
    try:
        link = services().password_links.invite(name, _grant(), actor=principal().name)
    except AccountInvalid as error:
        return _list(problem=error.message, name=name), error.status
    return _person(name, link=link)


@bp.post("/users/roles")
def add_name() -> Page:
    """Give a role to a name that a trusted proxy sends."""
    name = request.form.get("name", "")
    try:
        services().users.grant(name, _grant(), actor=principal().name)
    except (AccountInvalid, LastAdmin) as error:
        return _list(problem=error.message, name=name), error.status
    return _to("users.index")


@bp.get("/users/<user>")
def show(user: str) -> str:
    """Show one user, with what an administrator can change."""
    return _person(user)


@bp.post("/users/<user>/link")
def make_link(user: str) -> Page:
    """Show a new link with which a user chooses a password."""
    try:
        link = services().password_links.renew(user, actor=principal().name)
    except AccountInvalid as error:
        return _person(user, problem=error.message), error.status
    return _person(user, link=link)


@bp.post("/users/<user>/disable")
def disable(user: str) -> Page:
    """Disable a user and end all their sessions."""
    try:
        services().users.disable(user, actor=principal().name)
    except LastAdmin as error:
        return _person(user, problem=error.message), error.status
    return _to("users.show", user=user)


@bp.post("/users/<user>/enable")
def enable(user: str) -> Page:
    """Let a disabled user log in again."""
    services().users.enable(user, actor=principal().name)
    return _to("users.show", user=user)


@bp.post("/users/<user>/grant")
def grant(user: str) -> Page:
    """Give a user a role, in place of the one for the same models."""
    try:
        services().users.grant(user, _grant(), actor=principal().name)
    except (AccountInvalid, LastAdmin) as error:
        return _person(user, problem=error.message), error.status
    return _to("users.show", user=user)


@bp.post("/users/<user>/revoke")
def revoke(user: str) -> Page:
    """Take away the role that a user has for a model, or for all models."""
    try:
        services().users.revoke(user, request.form.get("model") or None, actor=principal().name)
    except LastAdmin as error:
        return _person(user, problem=error.message), error.status
    # A name that is not a user is gone with its last role.
    names = {each.name for each in services().users.all_names()}
    return _to("users.show", user=user) if user in names else _to("users.index")


def _grant() -> Grant:
    """Read a role, and the model that it is for, from the form.

    Raises
    ------
    AccountInvalid
    """
    try:
        role = Role.named(request.form.get("role", ""))
    except ValueError as error:
        raise AccountInvalid(str(error)) from None
    return Grant(role=role, model=request.form.get("model") or None)


def _list(**more: str) -> str:
    users = services().users.all_names()
    return render_template("accounts/users.html", users=users, **_choices(), **more)


def _person(name: str, link: PasswordLink | None = None, **more: str) -> str:
    user = services().users.find(name.strip())
    address = url_for("login.new_password", token=link.token, _external=True) if link else None
    return render_template("accounts/user.html", user=user, link=link, address=address, **_choices(), **more)


def _choices() -> dict[str, Sequence[str]]:
    store = services().store
    served, unserved = store.served(), store.unserved()
    models = sorted([*(model.name for model in served), *(model.name for model in unserved)])
    return {"roles": ROLE_NAMES, "models": models}


def _to(endpoint: str, user: str | None = None) -> Response:
    return redirect(url_for(endpoint, user=user), 303)  # type: ignore[return-value]
