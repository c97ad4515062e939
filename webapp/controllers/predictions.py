"""The record of one prediction."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from webapp.controllers.explanations import explanations_of, form_address
from webapp.controllers.http.arguments import beside_id, prediction_id
from webapp.controllers.http.context import is_guarded, record, services
from webapp.controllers.http.responses import csv_answer, json_answer
from webapp.errors import ModelNotFound, ModelNotReady
from webapp.helpers.pages.result import Comparison, compare_predictions, input_rows, results
from webapp.helpers.pages.snippets import curl_command
from webapp.helpers.records.as_csv import csv_lines
from webapp.helpers.records.as_json import record_json
from webapp.helpers.records.part import Part
from webapp.helpers.records.redaction import is_mark
from webapp.services.model_store import ServedModel
from webapp.types import Prediction, Signature

bp = Blueprint("predictions", __name__)


@bp.get("/predictions/<id>")
def show(id: str) -> str:
    """Show one prediction; reading it again never predicts again."""
    prediction = record(prediction_id(id))
    model = _model(prediction)
    signature = model.signature if model else None
    return render_template(
        "predictions/record.html",
        prediction=prediction,
        results=results(prediction, signature.task if signature else None),
        inputs=input_rows(prediction.inputs, signature),
        again=form_address(prediction, model, prediction.inputs) if model and prediction.inputs else None,
        explanations=explanations_of(prediction, model),
        not_kept=any(map(is_mark, (prediction.inputs or {}).values())),
        thresholds=model.card.thresholds if model and model.card else {},
        beside=_beside(prediction, signature),
        curl=curl_command(
            url_for("api.predict", name=prediction.model, _external=True), prediction.inputs, guarded=is_guarded()
        ),
    )


@bp.get("/predictions/<id>.json")
def show_json(id: str) -> Response:
    """Give one record as JSON."""
    return json_answer(record_json(record(prediction_id(id))))


@bp.get("/predictions/<id>.csv")
def show_csv(id: str) -> Response:
    """Give one record as CSV."""
    return csv_answer(csv_lines(iter([Part(predictions=[record(prediction_id(id))])])))


def _beside(prediction: Prediction, signature: Signature | None) -> Comparison | None:
    """Give the prediction that this one was changed from, if its page was asked for so."""
    id = beside_id()
    if id is None or id == prediction.id:
        return None
    before = record(id)
    return compare_predictions(before, prediction, signature) if before.model == prediction.model else None


def _model(prediction: Prediction) -> ServedModel | None:
    try:
        return services().store.get(prediction.model)
    except (ModelNotFound, ModelNotReady):
        return None
