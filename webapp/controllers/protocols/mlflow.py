"""MLflow scoring, for the default model and for each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from webapp.config import VERSION
from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import require, services
from webapp.controllers.http.idempotency import idempotent
from webapp.controllers.http.responses import json_answer
from webapp.controllers.protocols.predicting import predicted
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
    """Tell whether the default model answers."""
    return _ping(services().store.get_default())


@bp.get("/mlflow/<name>/ping")
@bp.get("/mlflow/<name>/health")
def ping_model(name: str) -> Response:
    """Tell whether a model answers."""
    return _ping(services().store.get(name))


@bp.get("/version")
@bp.get("/mlflow/<name>/version")
def version(name: str = "") -> Response:
    """Tell which version of Scoredesk answers."""
    return Response(VERSION, mimetype="text/plain")


@bp.post("/invocations")
@idempotent
def invocations() -> Response:
    """Let the default model predict."""
    model = services().store.get_default()
    require(Role.PREDICT, model.name)
    return _invocations(model)


@bp.post("/mlflow/<name>/invocations")
@idempotent
def invocations_of(name: str) -> Response:
    """Let a model predict."""
    return _invocations(services().store.get(name))


def _ping(_: ServedModel) -> Response:
    return Response("\n", mimetype=JSON)


def _invocations(model: ServedModel) -> Response:
    kind, body = _media_type(), read_body()
    predictions, method = predicted(model, Channel.MLFLOW, lambda: _decoded(kind, body, model))
    return json_answer(mlflow.encode(predictions, method))


def _decoded(kind: str, body: bytes, model: ServedModel) -> tuple[list[Any], str]:
    signature, most = model.signature, model.schema.max_instances
    if kind == CSV:
        return mlflow.decode_csv(body, signature, most), "predict"
    return mlflow.decode(body, signature, most)


def _media_type() -> str:
    kind, parameters = request.mimetype, request.mimetype_params
    if (
        kind not in (JSON, CSV)
        or parameters.get("charset", "utf-8").lower() != "utf-8"
        or parameters.keys() - {"charset"}
    ):
        raise UnsupportedMediaType(f"Send the body as {JSON} or {CSV}, in UTF-8.")
    return kind
