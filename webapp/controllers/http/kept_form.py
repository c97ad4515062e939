"""What was entered into the form of a model, for pages that give it back after the request could not be answered."""

from __future__ import annotations

from contextlib import suppress

from flask import current_app, g, request

from webapp.controllers.http.context import services
from webapp.errors import AccountsUnavailable
from webapp.helpers.accounts.kept_forms import KeptForm

#: The endpoint to which the forms of models are sent.
ENDPOINT = "forms.submit"
#: What is left for the name, the password and the path in a request to log in.
LOGIN_BYTES = 2048
#: With the prefix __Host- a browser accepts the cookie only from this host and sends it only over HTTPS.
COOKIE = "__Host-scoredesk"


def has_form() -> bool:
    """Return whether this request came with the form of a model, filled in before or after a login."""
    return request.endpoint == ENDPOINT or "kept_form" in g


def sent_form() -> KeptForm:
    """Return the form that came with this request."""
    if "kept_form" in g:
        form: KeptForm = g.kept_form
        return form
    name, beside = (request.view_args or {})["name"], request.args.get("beside", "")
    return KeptForm(model=name, beside=beside, user=_user(), fields=tuple(request.form.items(multi=True)))


def kept_form() -> str | None:
    """Return the form of this request, encrypted for the page of the login.

    None without a form or without logins, and for a form that would be too large to be sent with a login.
    """
    by_key = "Authorization" in request.headers
    if request.endpoint != ENDPOINT or by_key or not current_app.config["LOGINS"]:
        return None
    kept = services().kept_forms.write(sent_form())
    return kept if len(kept) + LOGIN_BYTES <= current_app.config["MAX_CONTENT_LENGTH"] else None


def _user() -> str:
    """Return whose session this was; empty if that is not known."""
    token, name = request.cookies.get(COOKIE), None
    if token:
        with suppress(AccountsUnavailable):
            name = services().sessions.user_of(token)
    return name or ""
