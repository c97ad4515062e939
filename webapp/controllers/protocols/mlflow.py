"""The scoring protocol of MLflow, for the default model and for each model by name."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from webapp.config import VERSION
from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import require, services
from webapp.controllers.http.idempotency import idempotent
from webapp.controllers.http.responses import json_answer
from webapp.controllers.protocols.predicting import predict_rows
from webapp.errors import UnsupportedMediaType
from webapp.helpers.accounts.roles import Role
from webapp.helpers.protocols import mlflow
from webapp.services.model_store import ServedModel
from webapp.types import Channel

bp = Blueprint("mlflow", __name__)

JSON, CSV = "application/json", "text/csv"


@bp.get("/ping")
@bp.get("/health")
def ping() -> Response:
    """Return whether the default model is ready."""
    return _ping(services().store.get_default())


@bp.get("/mlflow/<name>/ping")
@bp.get("/mlflow/<name>/health")
def ping_model(name: str) -> Response:
    """Return whether a model is ready."""
    return _ping(services().store.get(name))


@bp.get("/version")
@bp.get("/mlflow/<name>/version")
def version(name: str = "") -> Response:
    """Return the version of Scoredesk."""
    return Response(VERSION, mimetype="text/plain")


@bp.post("/invocations")
@idempotent
def invocations() -> Response:
    """Predict with the default model."""
    model = services().store.get_default()
    require(Role.PREDICT, model.name)
    return _invocations(model)


@bp.post("/mlflow/<name>/invocations")
@idempotent
def invocations_of(name: str) -> Response:
    """Predict with one model."""
    return _invocations(services().store.get(name))


def _ping(_: ServedModel) -> Response:
    return Response("\n", mimetype=JSON)


def _invocations(model: ServedModel) -> Response:
    media_type, body = _media_type(), read_body()
    predictions, method = predict_rows(model, Channel.MLFLOW, lambda: _decode(media_type, body, model))
    return json_answer(mlflow.encode(predictions, method))


def _decode(media_type: str, body: bytes, model: ServedModel) -> tuple[list[Any], str]:
    signature, limit = model.signature, model.schema.max_instances
    if media_type == CSV:
        return mlflow.decode_csv(body, signature, limit), "predict"
    return mlflow.decode(body, signature, limit)


def _media_type() -> str:
    media_type, parameters = request.mimetype, request.mimetype_params
    if (
        media_type not in (JSON, CSV)
        or parameters.get("charset", "utf-8").lower() != "utf-8"
        or parameters.keys() - {"charset"}
    ):
        raise UnsupportedMediaType(f"Send the body as {JSON} or {CSV}, in UTF-8.")
    return media_type
