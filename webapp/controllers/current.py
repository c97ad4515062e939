"""What a request needs of the app around it."""

from __future__ import annotations

from typing import cast

from flask import current_app, g

from webapp.services import Services
from webapp.services.predictor import Caller
from webapp.types import Channel


def services() -> Services:
    """Give the services of the app that handles this request."""
    return cast(Services, current_app.extensions["scoredesk"])


def caller(channel: Channel) -> Caller:
    """Tell who sent this request."""
    return Caller(channel=channel, request_id=g.request_id)
