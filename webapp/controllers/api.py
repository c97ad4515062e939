"""The native JSON endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import Blueprint, Response, request

from webapp.controllers.explanations import explanations_json, wants_explanation
from webapp.controllers.http.arguments import PAGE_SIZE, cursor, prediction_id, requested_filter
from webapp.controllers.http.body import read_body
from webapp.controllers.http.context import caller, permitted, record, services
from webapp.controllers.http.idempotency import idempotent
from webapp.controllers.http.responses import json_answer
from webapp.controllers.models import versions_json
from webapp.errors import InvalidInput, UnsupportedMediaType
from webapp.helpers import shapes
from webapp.helpers.inputs.strict_json import decode
from webapp.helpers.records.as_json import answer_json, record_json, timestamp
from webapp.models.signature.as_json import signature_json
from webapp.services.model_store import ServedModel, UnservedModel
from webapp.types import Channel, Instance, Notice, Prediction

bp = Blueprint("api", __name__, url_prefix="/api/v1")


@bp.get("/models")
def models() -> Response:
    """List all models, including those that can't be served."""
    store = services().store
    served = [_summary(model) for model in permitted(store.served())]
    unserved = [_unserved(model) for model in permitted(store.unserved())]
    body: shapes.Models = {"models": [*served, *unserved]}
    return json_answer(body)


@bp.get("/models/<name>")
def model(name: str) -> Response:
    """Describe the inputs and outputs of one model, and list its versions."""
    store = services().store
    champion = store.get(name)
    versions = versions_json(store.versions(name), champion)
    body: shapes.ModelDescription = {**_description(champion), "versions": versions}
    return json_answer(body)


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
    body: shapes.Page = {
        "predictions": [record_json(prediction) for prediction in page.predictions],
        "cursor": str(page.cursor) if page.cursor else None,
        "looked_to": timestamp(page.looked_to) if page.looked_to else None,
    }
    return json_answer(body)


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
    if isinstance(body["inputs"], list):
        return json_answer(_answers(model, predictions))
    (prediction,) = predictions
    answer = _answer(model, prediction)
    if explains:
        answer["explanations"] = explanations_json(prediction, model)
    return json_answer(answer)


def _answer(model: ServedModel, prediction: Prediction) -> shapes.Answer:
    answer = answer_json(prediction)
    # The id and the model come first, where people look for them.
    head: dict[str, Any] = {"id": answer["id"], "model": model.name, "version": model.version}
    return cast(shapes.Answer, head | answer | {"created_at": timestamp(prediction.created_at)})


def _answers(model: ServedModel, predictions: Sequence[Prediction]) -> shapes.Answers:
    answers = [answer_json(prediction) for prediction in predictions]
    return {"model": model.name, "version": model.version, "predictions": answers}


def _description(model: ServedModel) -> shapes.VersionDescription:
    return {
        **_summary(model),
        **signature_json(model.signature),
        "schema": model.schema.json_schema(),
        "card": model.card.public_fields() if model.card else None,
        "answered_by": model.inference.form,
        "depends_on_company": model.depends_on_company,
    }


def _summary(model: ServedModel) -> shapes.ModelSummary:
    return {
        "name": model.name,
        "ready": True,
        "version": model.version,
        "digest": model.digest,
        "code": model.code or None,
        "title": model.title,
        "task": model.signature.task,
    }


def _unserved(model: UnservedModel) -> shapes.UnservedModel:
    return {"name": model.name, "ready": False, "reason": model.reason}


def _json_body() -> Any:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return decode(read_body())
