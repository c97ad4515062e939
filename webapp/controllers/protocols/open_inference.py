"""The Open Inference Protocol, V2."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from webapp.config import VERSION
from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import permitted, services
from webapp.controllers.http.idempotency import idempotent
from webapp.controllers.http.responses import json_answer
from webapp.controllers.protocols.predicting import predicted
from webapp.errors import InvalidInput, ModelNotReady, PredictionLogUnavailable
from webapp.helpers.protocols import open_inference
from webapp.helpers.protocols.open_inference import RequestedOutputs
from webapp.services.model_store import ServedModel
from webapp.types import Channel

bp = Blueprint("open_inference", __name__, url_prefix="/v2")

PLATFORM = "sklearn_joblib"
EXTENSIONS = ["binary_tensor_data", "model_repository"]
#: Tells where the JSON of a body ends and its binary data begin.
HEADER_LENGTH = "Inference-Header-Content-Length"


@bp.get("")
def server() -> Response:
    """Tell what this server is."""
    return json_answer({"name": "scoredesk", "version": VERSION, "extensions": EXTENSIONS})


@bp.get("/health/live")
def live() -> Response:
    """Tell that the process lives."""
    return json_answer({"live": True})


@bp.get("/health/ready")
def ready() -> Response:
    """Tell whether predictions can be recorded, without which none is given."""
    try:
        services().log.check()
    except PredictionLogUnavailable:
        return json_answer({"ready": False}, 503)
    return json_answer({"ready": True})


@bp.get("/models")
def models() -> Response:
    """List the models that answer."""
    return json_answer({"models": [model.name for model in permitted(services().store.served())]})


@bp.get("/models/<name>")
def model(name: str) -> Response:
    """Describe the tensors of a model."""
    return _metadata(services().store.get(name))


@bp.get("/models/<name>/versions/<version>")
def version(name: str, version: str) -> Response:
    """Describe the tensors of one version."""
    return _metadata(services().store.get(name, version))


@bp.get("/models/<name>/ready")
def model_ready(name: str) -> Response:
    """Tell whether a model answers."""
    return _ready(name)


@bp.get("/models/<name>/versions/<version>/ready")
def version_ready(name: str, version: str) -> Response:
    """Tell whether one version answers."""
    return _ready(name, version)


@bp.post("/models/<name>/infer")
@idempotent
def infer(name: str) -> Response:
    """Predict the rows of one matrix or of a tensor for each column."""
    return _infer(services().store.get(name))


@bp.post("/models/<name>/versions/<version>/infer")
@idempotent
def infer_version(name: str, version: str) -> Response:
    """Ask one version, whether it is the champion or not."""
    return _infer(services().store.get(name, version))


def _metadata(model: ServedModel) -> Response:
    versions = [file.version for file, _ in services().store.versions(model.name)]
    head = {"name": model.name, "versions": versions, "platform": PLATFORM}
    return json_answer(head | open_inference.metadata(model.signature))


def _ready(name: str, version: str | None = None) -> Response:
    try:
        services().store.get(name, version)
    except ModelNotReady:
        return json_answer({"name": name, "ready": False}, 503)
    return json_answer({"name": name, "ready": True})


def _decoded(body: bytes, model: ServedModel) -> tuple[list[Any], RequestedOutputs]:
    header_length = request.headers.get(HEADER_LENGTH)
    rows, asked = open_inference.decode(body, header_length, model.signature, model.schema.max_instances)
    if any(asked.outputs.values()) and "Idempotency-Key" in request.headers:
        # Where its binary data begin stands in a header, and only bodies are kept for the next time.
        raise InvalidInput("An Idempotency-Key goes with outputs in JSON only.")
    return rows, asked


def _infer(model: ServedModel) -> Response:
    body = read_body()
    predictions, asked = predicted(model, Channel.OPEN_INFERENCE, lambda: _decoded(body, model))
    head: dict[str, Any] = {"model_name": model.name, "model_version": model.version, "id": asked.id or g.request_id}
    answer, json_length = open_inference.encode(predictions, asked, model.signature, head)
    if json_length is None:
        return Response(answer, mimetype="application/json")
    return Response(answer, mimetype="application/octet-stream", headers={HEADER_LENGTH: str(json_length)})
