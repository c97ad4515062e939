"""The native JSON endpoints."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from webapp.controllers.explanations import explanations_json, wants_explanation
from webapp.controllers.http.arguments import PAGE_SIZE, cursor, prediction_id, requested_filter
from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import caller, permitted, record, services
from webapp.controllers.http.idempotency import idempotent
from webapp.controllers.http.responses import json_answer
from webapp.controllers.models import versions_json
from webapp.errors import InvalidInput, UnsupportedMediaType
from webapp.helpers.inputs.strict_json import decode
from webapp.helpers.records.as_json import answer_json, record_json, timestamp
from webapp.models.signature.as_json import signature_json
from webapp.services.model_store import ServedModel
from webapp.types import Channel, Instance, Notice

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.get("/models")
def models() -> Response:
    """List all models, including those that can't be served."""
    store = services().store
    served = [_summary(model) for model in permitted(store.served())]
    unserved = [{"name": model.name, "ready": False, "reason": model.reason} for model in permitted(store.unserved())]
    return json_answer({"models": served + unserved})


@bp.get("/models/<name>")
def model(name: str) -> Response:
    """Describe the inputs and outputs of one model, and list its versions."""
    store = services().store
    champion = store.get(name)
    return json_answer(_description(champion) | {"versions": versions_json(store.versions(name), champion)})


@bp.get("/models/<name>/versions/<version>")
def version(name: str, version: str) -> Response:
    """Describe the inputs and outputs of one version."""
    return json_answer(_description(services().store.get(name, version)))


@bp.post("/models/<name>/predict")
@idempotent
def predict(name: str) -> Response:
    """Predict one instance, or a list of instances in its order."""
    return _predict(services().store.get(name))


@bp.post("/models/<name>/versions/<version>/predict")
@idempotent
def predict_version(name: str, version: str) -> Response:
    """Predict with one version, whether it is the champion or not."""
    return _predict(services().store.get(name, version))


@bp.get("/predictions/<id>")
def prediction(id: str) -> Response:
    """Return one record."""
    prediction = record(prediction_id(id))
    body = record_json(prediction)
    if wants_explanation():
        body["explanations"] = explanations_json(prediction, services().store.get(prediction.model))
    return json_answer(body)


@bp.get("/predictions")
def predictions() -> Response:
    """Return a page of the records that match, with the cursor of the next page."""
    page = services().explorer.page(requested_filter(), cursor(), PAGE_SIZE)
    return json_answer(
        {
            "predictions": [record_json(prediction) for prediction in page.predictions],
            "cursor": page.cursor and str(page.cursor),
            "looked_to": page.looked_to and timestamp(page.looked_to),
        }
    )


def _predict(model: ServedModel) -> Response:
    body, explains = _json_body(), wants_explanation()

    def read() -> list[Instance]:
        instances = model.schema.validate(body)
        if explains and isinstance(body["inputs"], list):
            raise InvalidInput(
                errors=[Notice(loc=("inputs",), msg="To explain an answer, send one instance, not a list.")]
            )
        return instances

    predictions = services().predictor.predict(model, caller(Channel.JSON), read)
    source: dict[str, Any] = {"model": model.name, "version": model.version}
    if isinstance(body["inputs"], list):
        return json_answer(source | {"predictions": [answer_json(prediction) for prediction in predictions]})
    (prediction,) = predictions
    answer = answer_json(prediction)
    if explains:
        answer["explanations"] = explanations_json(prediction, model)
    return json_answer({"id": answer.pop("id")} | source | answer | {"created_at": timestamp(prediction.created_at)})


def _description(model: ServedModel) -> dict[str, Any]:
    card = model.card.public_fields() if model.card else None
    return (
        _summary(model)
        | signature_json(model.signature)
        | {
            "schema": model.schema.json_schema(),
            "card": card,
            "answered_by": model.inference.form,
        }
    )


def _summary(model: ServedModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "ready": True,
        "version": model.version,
        "digest": model.digest,
        "title": model.title,
        "task": model.signature.task,
    }


def _json_body() -> Any:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return decode(read_body())
