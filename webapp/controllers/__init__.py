"""Controllers: each reads a request, calls one service and answers."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.config import Settings
from webapp.controllers import (
    access,
    admin,
    api,
    explorer,
    forms,
    health,
    login,
    metrics,
    models,
    openapi,
    protocols,
    uploads,
    users,
)
from webapp.controllers.http import cors, errors, framing, headers, no_sessions, request_ids, telemetry, templating


def init_app(app: Flask, settings: Settings) -> None:
    """Register all routes, and the functions that run before and after each request."""
    headers.init_app(app)
    if hops := settings.proxy_hops:
        # Outside of everything else, so that all know the client's own address, host and scheme.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops
        )
    no_sessions.init_app(app)
    request_ids.init_app(app)
    telemetry.init_app(app, settings)
    framing.init_app(app, settings)
    cors.init_app(app, settings)
    access.init_app(app, settings)
    errors.init_app(app)
    templating.init_app(app)
    own = (models, forms, explorer, api, health, metrics, openapi, login, admin, users, uploads)
    for blueprint in (*(each.bp for each in own), *protocols.blueprints):
        app.register_blueprint(blueprint)
