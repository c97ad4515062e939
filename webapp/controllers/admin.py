"""Pages for administrators: API keys and the audit log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from webapp.controllers.http.context import principal, services
from webapp.errors import AccountInvalid
from webapp.helpers.accounts.roles import ROLE_NAMES, Role

bp = Blueprint("admin", __name__)

#: Days for which a new API key is valid by default, and at most.
DEFAULT_KEY_DAYS, MAX_KEY_DAYS = 365, 3650


@bp.get("/keys")
def keys() -> str:
    """List the API keys."""
    return _keys_page()


@bp.post("/keys")
def make_key() -> Response | tuple[str, int]:
    """Create an API key and show it once."""
    try:
        role = Role.named(request.form.get("role", ""))
        days = int(request.form.get("days") or DEFAULT_KEY_DAYS)
    except ValueError:
        return _keys_page(problem="Choose a role and a number of days."), 422
    models = [model for model in request.form.getlist("model") if model] or None
    name, expires = request.form.get("name", ""), datetime.now(UTC) + timedelta(days=min(max(days, 1), MAX_KEY_DAYS))
    try:
        new_key = services().keys.make(name, role, models=models, expires_at=expires, created_by=principal().name)
    except AccountInvalid as error:
        return _keys_page(problem=error.message), 422
    return make_response(_keys_page(new_key=new_key))


@bp.post("/keys/<id>/revoke")
def revoke_key(id: str) -> Response:
    """Revoke an API key."""
    services().keys.revoke(id, actor=principal().name)
    return redirect(url_for("admin.keys"), 303)  # type: ignore[return-value]


@bp.get("/audit")
def audit() -> str:
    """Show the audit log, the newest events first."""
    before = request.args.get("before", "")
    events = services().audit.page(int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None)
    return render_template("accounts/audit.html", events=events)


def _keys_page(**more: str) -> str:
    now = datetime.now(UTC)
    models = [model.name for model in services().store.served()]
    return render_template(
        "accounts/keys.html",
        keys=services().keys.all(),
        now=now,
        models=models,
        roles=ROLE_NAMES,
        days=DEFAULT_KEY_DAYS,
        **more,
    )
