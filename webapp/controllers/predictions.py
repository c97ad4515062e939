"""The record of one prediction, and the list of the newest."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for

from webapp.controllers.answers import json_answer
from webapp.controllers.current import services
from webapp.controllers.queries import Page, cursor, page_of, prediction_id
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
        results=results(prediction, signature.task if signature else None),
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
    return _csv([services().log.get(prediction_id(id))])


@bp.get("/predictions")
def index() -> str:
    """List the newest predictions."""
    return render_template("predictions.html", page=_page(), model=request.args.get("model"))


@bp.get("/predictions.json")
def index_json() -> Response:
    """Give the rows of the list as JSON."""
    page = _page()
    return json_answer({"predictions": [record_json(each) for each in page.predictions], "cursor": page.cursor})


@bp.get("/predictions.csv")
def index_csv() -> Response:
    """Give the rows of the list as CSV."""
    return _csv(_page().predictions)


def _page() -> Page:
    return page_of(services().log, request.args.get("model"), cursor())


def _form_with(prediction: Prediction, signature: Signature | None) -> str | None:
    """Give the address of the form filled in as it was, if the model is still served."""
    if signature is None or prediction.inputs is None:
        return None
    entered = urlencode(write_form(prediction.inputs, signature))
    return f"{url_for('forms.form', name=prediction.model)}?{entered}"


def _csv(predictions: list[Prediction]) -> Response:
    disposition = {"Content-Disposition": 'attachment; filename="predictions.csv"'}
    return Response(records_csv(predictions), mimetype="text/csv", headers=disposition)


def _signature(prediction: Prediction) -> Signature | None:
    try:
        return services().store.get(prediction.model).signature
    except (ModelNotFound, ModelNotReady):
        return None
