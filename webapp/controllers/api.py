"""The native JSON endpoints."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from webapp.controllers.explanations import explaining, explanations_json
from webapp.controllers.http.arguments import PAGE_SIZE, cursor, filter_asked, prediction_id
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
    """List all models, also those that can't be served."""
    store = services().store
    served = [_summary(model) for model in permitted(store.served())]
    unserved = [{"name": model.name, "ready": False, "reason": model.reason} for model in permitted(store.unserved())]
    return json_answer({"models": served + unserved})


@bp.get("/models/<name>")
def model(name: str) -> Response:
    """Describe what one model takes and gives, and list its versions."""
    store = services().store
    found = store.get(name)
    return json_answer(_description(found) | {"versions": versions_json(store.versions(name), found)})


@bp.get("/models/<name>/versions/<version>")
def version(name: str, version: str) -> Response:
    """Describe what one version takes and gives."""
    return json_answer(_description(services().store.get(name, version)))


@bp.post("/models/<name>/predict")
@idempotent
def predict(name: str) -> Response:
    """Predict one instance, or a list of them in its order."""
    return _predict(services().store.get(name))


@bp.post("/models/<name>/versions/<version>/predict")
@idempotent
def predict_version(name: str, version: str) -> Response:
    """Ask one version, whether it is the champion or not."""
    return _predict(services().store.get(name, version))


@bp.get("/predictions/<id>")
def prediction(id: str) -> Response:
    """Give one record."""
    found = record(prediction_id(id))
    body = record_json(found)
    if explaining():
        body["explanations"] = explanations_json(found, services().store.get(found.model))
    return json_answer(body)


@bp.get("/predictions")
def predictions() -> Response:
    """Give a page of the records that match and the cursor of the next page."""
    page = services().explorer.page(filter_asked(), cursor(), PAGE_SIZE)
    return json_answer(
        {
            "predictions": [record_json(each) for each in page.predictions],
            "cursor": page.cursor and str(page.cursor),
            "looked_to": page.looked_to and timestamp(page.looked_to),
        }
    )


def _predict(found: ServedModel) -> Response:
    body, explains = _json_body(), explaining()

    def read() -> list[Instance]:
        instances = found.schema.validate(body)
        if explains and isinstance(body["inputs"], list):
            raise InvalidInput(errors=[Notice(loc=("inputs",), msg="Send one instance, not a list, to explain it.")])
        return instances

    predictions = services().predictor.predict(found, caller(Channel.JSON), read)
    whose: dict[str, Any] = {"model": found.name, "version": found.version}
    if isinstance(body["inputs"], list):
        return json_answer(whose | {"predictions": [answer_json(each) for each in predictions]})
    (one,) = predictions
    answer = answer_json(one)
    if explains:
        answer["explanations"] = explanations_json(one, found)
    return json_answer({"id": answer.pop("id")} | whose | answer | {"created_at": timestamp(one.created_at)})


def _description(model: ServedModel) -> dict[str, Any]:
    card = model.card.for_others() if model.card else None
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
