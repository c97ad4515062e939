"""The protocol of KServe V1."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.routing import BaseConverter

from webapp.controllers.explanations import explanations_json
from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import permitted, services
from webapp.controllers.http.idempotency import idempotent
from webapp.controllers.http.responses import json_answer
from webapp.controllers.protocols.predicting import predict_rows
from webapp.errors import InvalidInput, ModelNotReady
from webapp.helpers.protocols import kserve
from webapp.services.model_store import ServedModel
from webapp.types import Channel

bp = Blueprint("kserve", __name__, url_prefix="/v1")


class ModelName(BaseConverter):
    """The name of a model without a verb, so that GET does not take <name>:predict for a model."""

    regex = r"[^/]+(?<!:predict)(?<!:explain)"


bp.record_once(lambda state: state.app.url_map.converters.update(bare=ModelName))


@bp.get("/models")
def models() -> Response:
    """List the models that are ready."""
    return json_answer({"models": [model.name for model in permitted(services().store.served())]})


@bp.get("/models/<bare:name>")
def model(name: str) -> Response:
    """Return whether a model is ready."""
    try:
        services().store.get(name)
    except ModelNotReady:
        return json_answer({"name": name, "ready": False}, 503)
    return json_answer({"name": name, "ready": True})


@bp.post("/models/<name>:predict")
@idempotent
def predict(name: str) -> Response:
    """Predict instances."""
    model = services().store.get(name)
    predictions, _ = predict_rows(model, Channel.KSERVE, lambda: (_rows(model), None))
    return json_answer(kserve.encode(predictions))


@bp.post("/models/<name>:explain")
@idempotent
def explain(name: str) -> Response:
    """Predict one instance and explain the answer."""
    model = services().store.get(name)
    predictions, _ = predict_rows(model, Channel.KSERVE, lambda: (_only_row(model), None))
    explanations = [explanations_json(prediction, model) for prediction in predictions]
    return json_answer(kserve.encode(predictions) | {"explanations": explanations})


def _rows(model: ServedModel) -> list[object]:
    return kserve.decode(read_body(), model.signature, model.schema.max_instances)


def _only_row(model: ServedModel) -> list[object]:
    rows = _rows(model)
    if len(rows) != 1:
        raise InvalidInput("To get an explanation, send one instance.")
    return rows
