"""The record of one prediction."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, url_for

from webapp.controllers.answers import csv_answer, json_answer
from webapp.controllers.current import services
from webapp.controllers.queries import prediction_id
from webapp.errors import ModelNotFound, ModelNotReady
from webapp.helpers.form_values import write_form
from webapp.helpers.representation import record_json, records_csv
from webapp.helpers.result import input_rows, results
from webapp.types import Prediction, Signature

bp = Blueprint("predictions", __name__)


@bp.get("/predictions/<id>")
def show(id: str) -> str:
    """Show one prediction; reading it again never predicts again."""
    prediction = services().log.get(prediction_id(id))
    signature = _signature(prediction)
    return render_template(
        "prediction.html",
        prediction=prediction,
        results=results(prediction),
        inputs=input_rows(prediction.inputs, signature),
        again=_form_with(prediction, signature),
    )


@bp.get("/predictions/<id>.json")
def show_json(id: str) -> Response:
    """Give one record as JSON."""
    return json_answer(record_json(services().log.get(prediction_id(id))))


@bp.get("/predictions/<id>.csv")
def show_csv(id: str) -> Response:
    """Give one record as CSV."""
    return csv_answer(records_csv([services().log.get(prediction_id(id))]))


def _form_with(prediction: Prediction, signature: Signature | None) -> str | None:
    """Give the address of the form filled in as it was, if the model is still served."""
    if signature is None or prediction.inputs is None:
        return None
    entered = urlencode(write_form(prediction.inputs, signature))
    return f"{url_for('forms.form', name=prediction.model)}?{entered}"


def _signature(prediction: Prediction) -> Signature | None:
    try:
        return services().store.get(prediction.model).signature
    except (ModelNotFound, ModelNotReady):
        return None
