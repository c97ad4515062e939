"""The Open Inference Protocol (V2)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from webapp.config import VERSION
from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import permitted, services
from webapp.controllers.http.idempotency import idempotent
from webapp.controllers.http.responses import json_answer
from webapp.controllers.protocols.predicting import predict_rows
from webapp.errors import InvalidInput, ModelNotReady
from webapp.helpers.protocols import open_inference
from webapp.helpers.protocols.open_inference import RequestedOutputs
from webapp.services.model_store import ServedModel
from webapp.types import Channel

bp = Blueprint("open_inference", __name__, url_prefix="/v2")

PLATFORM = "sklearn_joblib"
EXTENSIONS = ["binary_tensor_data", "model_repository"]
#: The header with the length of the JSON in a body, after which its binary data begin.
HEADER_LENGTH = "Inference-Header-Content-Length"


@bp.get("")
def server() -> Response:
    """Return the name, version and extensions of this server."""
    return json_answer({"name": "scoredesk", "version": VERSION, "extensions": EXTENSIONS})


@bp.get("/health/live")
def live() -> Response:
    """Answer that the process is alive."""
    return json_answer({"live": True})


@bp.get("/health/ready")
def ready() -> Response:
    """Return whether predictions can be made and recorded; without a record there is no prediction."""
    is_ready = services().readiness.check().is_ready
    return json_answer({"ready": is_ready}, 200 if is_ready else 503)


@bp.get("/models")
def models() -> Response:
    """List the models that are ready."""
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
    """Return whether a model is ready."""
    return _ready(name)


@bp.get("/models/<name>/versions/<version>/ready")
def version_ready(name: str, version: str) -> Response:
    """Return whether one version is ready."""
    return _ready(name, version)


@bp.post("/models/<name>/infer")
@idempotent
def infer(name: str) -> Response:
    """Predict the rows of one matrix, or of one tensor for each column."""
    return _infer(services().store.get(name))


@bp.post("/models/<name>/versions/<version>/infer")
@idempotent
def infer_version(name: str, version: str) -> Response:
    """Predict with one version, whether it is the champion or not."""
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


def _decode(body: bytes, model: ServedModel) -> tuple[list[Any], RequestedOutputs]:
    header_length = request.headers.get(HEADER_LENGTH)
    rows, asked = open_inference.decode(body, header_length, model.signature, model.schema.max_instances)
    if any(asked.outputs.values()) and "Idempotency-Key" in request.headers:
        # A replay sends only the stored body, without the header that says where its binary data begin.
        raise InvalidInput("With an Idempotency-Key, request the outputs in JSON, not as binary data.")
    return rows, asked


def _infer(model: ServedModel) -> Response:
    body = read_body()
    predictions, asked = predict_rows(model, Channel.OPEN_INFERENCE, lambda: _decode(body, model))
    head: dict[str, Any] = {"model_name": model.name, "model_version": model.version, "id": asked.id or g.request_id}
    answer, json_length = open_inference.encode(predictions, asked, model.signature, head)
    if json_length is None:
        return Response(answer, mimetype="application/json")
    return Response(answer, mimetype="application/octet-stream", headers={HEADER_LENGTH: str(json_length)})
