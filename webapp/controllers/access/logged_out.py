"""Keeps what somebody entered while their login ended, so that they can go on after the next one."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Request, url_for

from webapp.controllers.http.context import services
from webapp.errors import LoggedOut

#: What fits into an address: gunicorn refuses a request whose first line is longer than 4,094 characters.
MAX_ADDRESS_LENGTH = 3_500


def logged_out(request: Request) -> LoggedOut:
    """Return the error for a form that was sent without a login; the next one leads to it, filled in as it was."""
    if request.endpoint != "forms.submit":
        return LoggedOut()
    name = (request.view_args or {})["name"]
    empty = url_for("forms.form", name=name, beside=request.args.get("beside"))
    model = services().store.find(name)
    entered = {key: value for key, value in request.form.items() if value}
    filled = f"{empty}{'&' if '?' in empty else '?'}{urlencode(entered)}"
    # What must not be kept on record should not be kept in the browser's history either.
    is_secret = model is None or any(feature.name in entered for feature in model.signature.redacted)
    if is_secret or len(filled) > MAX_ADDRESS_LENGTH:
        return LoggedOut("You have been logged out. Log in again, then enter the case once more.", next=empty)
    return LoggedOut("You have been logged out. Log in again; what you entered is kept.", next=filled)
