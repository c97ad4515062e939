"""The record of one prediction."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from webapp.controllers.explanations import explanations_of
from webapp.controllers.http.arguments import prediction_id, previous_id
from webapp.controllers.http.context import is_guarded, record, services
from webapp.controllers.http.responses import csv_answer, json_answer
from webapp.errors import PredictionNotHere
from webapp.helpers.pages.result import Comparison, compare_predictions, input_rows, results
from webapp.helpers.pages.snippets import curl_command
from webapp.helpers.records.as_csv import csv_lines
from webapp.helpers.records.as_json import record_json
from webapp.helpers.records.part import Part
from webapp.helpers.records.redaction import is_placeholder
from webapp.models.card.sentences import threshold_words
from webapp.types import Prediction, Signature

bp = Blueprint("predictions", __name__)


@bp.get("/predictions/<id>")
def show(id: str) -> str:
    """Show the record of one prediction; reloading the page does not predict again."""
    prediction = record(prediction_id(id))
    model = services().store.find(prediction.model)
    signature = model.words_for(prediction) if model else None
    return render_template(
        "predictions/record.html",
        prediction=prediction,
        results=results(prediction, signature),
        inputs=input_rows(prediction.inputs, signature),
        is_served=model is not None,
        explanations=explanations_of(prediction, model),
        not_kept=any(map(is_placeholder, (prediction.inputs or {}).values())),
        own_threshold=threshold_words(signature) if model and signature and model.gave(prediction) else "",
        comparison=_comparison(prediction, signature),
        curl=curl_command(
            url_for("api.predict", name=prediction.model, _external=True), prediction.inputs, guarded=is_guarded()
        ),
    )


@bp.get("/predictions/<id>.json")
def show_json(id: str) -> Response:
    """Return one record as JSON."""
    return json_answer(record_json(record(prediction_id(id))))


@bp.get("/predictions/<id>.csv")
def show_csv(id: str) -> Response:
    """Return one record as CSV."""
    return csv_answer(csv_lines(iter([Part(predictions=[record(prediction_id(id))])])))


def _comparison(prediction: Prediction, signature: Signature | None) -> Comparison | None:
    """Compare with the previous prediction, if the address names one."""
    id = previous_id()
    if id is None or id == prediction.id:
        return None
    try:
        before = record(id)
    except PredictionNotHere:
        # The prediction itself is here, so it is shown alone.
        return None
    return compare_predictions(before, prediction, signature) if before.model == prediction.model else None
