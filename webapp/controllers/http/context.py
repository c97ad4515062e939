"""The services, the principal and the records of the current request."""

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
    """Return the request itself, because each access through Flask's proxy costs a microsecond."""
    proxy: Any = request
    return cast(Request, proxy._get_current_object())


def services() -> Services:
    """Return the services of the current app."""
    return cast(Services, current_app.extensions["scoredesk"])


def caller(channel: Channel) -> Caller:
    """Return the caller of a prediction, as the record names it."""
    return Caller(channel=channel, request_id=g.request_id, actor=principal().name)


def principal() -> Principal:
    """Return who sent this request, with their roles."""
    return cast(Principal, g.principal)


def is_guarded() -> bool:
    """Return whether scripts need an API key."""
    return bool(current_app.config["GUARDED"])


def require(role: Role, model: str) -> None:
    """Check that the principal has a role for a model that the address doesn't name.

    Raises
    ------
    NotAllowed
    """
    if not principal().may(role, model):
        raise NotAllowed


def permitted(models: Iterable[Named]) -> list[Named]:
    """Return the models that the principal may use."""
    return [model for model in models if principal().may(Role.PREDICT, model.name)]


def administered(models: Iterable[Named]) -> list[Named]:
    """Return the models that the principal may administer."""
    return [model for model in models if principal().may(Role.ADMIN, model.name)]


def record(id: UUID) -> Prediction:
    """Return a record that the principal may see; any other counts as not found.

    Raises
    ------
    PredictionNotFound, PredictionLogUnavailable
    """
    prediction, scope = services().log.get(id), principal().scope
    if scope and not scope.holds(prediction.model, prediction.actor):
        raise PredictionNotFound
    return prediction
