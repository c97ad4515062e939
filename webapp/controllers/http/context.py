"""What a request needs of the app around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Request, current_app, g, request

from webapp.errors import NotAllowed, PredictionNotFound
from webapp.helpers.accounts.roles import Principal, Role
from webapp.services.model_store import ServedModel, UnservedModel
from webapp.services.prediction.batch import Caller
from webapp.services.wiring import Services
from webapp.types import Channel, Prediction

Named = TypeVar("Named", ServedModel, UnservedModel)


def current_request() -> Request:
    """Give the request itself: each use of the stand-in that Flask has for it costs a microsecond."""
    stand_in: Any = request
    return cast(Request, stand_in._get_current_object())


def services() -> Services:
    """Give the services of the app that handles this request."""
    return cast(Services, current_app.extensions["scoredesk"])


def caller(channel: Channel) -> Caller:
    """Tell who sent this request."""
    return Caller(channel=channel, request_id=g.request_id, actor=principal().name)


def principal() -> Principal:
    """Tell who asks, and what they may do."""
    return cast(Principal, g.principal)


def is_guarded() -> bool:
    """Tell whether scripts need a key."""
    return bool(current_app.config["GUARDED"])


def require(role: Role, model: str) -> None:
    """Refuse whoever may not do this with a model that the address doesn't name.

    Raises
    ------
    NotAllowed
    """
    if not principal().may(role, model):
        raise NotAllowed


def permitted(models: Iterable[Named]) -> list[Named]:
    """Leave those models that whoever asks may use."""
    return [model for model in models if principal().may(Role.PREDICT, model.name)]


def record(id: UUID) -> Prediction:
    """Give a record to whoever may see it; for all others there is none.

    Raises
    ------
    PredictionNotFound, PredictionLogUnavailable
    """
    found, scope = services().log.get(id), principal().scope
    if scope and not scope.holds(found.model, found.actor):
        raise PredictionNotFound
    return found
