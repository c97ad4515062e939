"""Switches off the sessions of Flask: a login is a row in the database, so no signed cookie is needed."""

from __future__ import annotations

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin


class NoSessions(SessionInterface):
    """Opens no session and saves none; Flask raises an error where code writes into one."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        return None

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        pass


def init_app(app: Flask) -> None:
    app.session_interface = NoSessions()
