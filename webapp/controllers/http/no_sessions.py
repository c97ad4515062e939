"""No sessions of Flask's: a login is a row in the database, so no request has to look for a signed cookie."""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin


class NoSessions(SessionInterface):
    """Finds no session in any request, and keeps none; Flask says so to whoever writes into it."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        return None

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        pass


def init_app(app: Flask) -> None:
    app.session_interface = NoSessions()
