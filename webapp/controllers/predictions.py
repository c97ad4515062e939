"""The record of one prediction, and the list of the newest."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from webapp.controllers.answers import json_answer
from webapp.controllers.current import services
from webapp.controllers.explanations import explanations_of, form_address
from webapp.controllers.queries import Page, beside_id, cursor, page_of, prediction_id
from webapp.errors import ModelNotFound, ModelNotReady
from webapp.helpers.representation import record_json, records_csv
from webapp.helpers.result import Beside, input_rows, results, side_by_side
from webapp.helpers.snippets import curl_command
from webapp.services.model_store import ServedModel
from webapp.types import Prediction, Signature

bp = Blueprint("predictions", __name__)


@bp.get("/predictions/<id>")
def show(id: str) -> str:
    """Show one prediction; reading it again never predicts again."""
    prediction = services().log.get(prediction_id(id))
    model = _model(prediction)
    signature = model.signature if model else None
    return render_template(
        "prediction.html",
        prediction=prediction,
        results=results(prediction, signature.task if signature else None),
        inputs=input_rows(prediction.inputs, signature),
        again=form_address(prediction, model, prediction.inputs) if model and prediction.inputs else None,
        explanations=explanations_of(prediction, model),
        thresholds=model.card.thresholds if model and model.card else {},
        beside=_beside(prediction, signature),
        curl=curl_command(url_for("api.predict", name=prediction.model, _external=True), prediction.inputs),
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


def _beside(prediction: Prediction, signature: Signature | None) -> Beside | None:
    """Give the prediction that this one was changed from, if its page was asked for so."""
    id = beside_id()
    if id is None or id == prediction.id:
        return None
    before = services().log.get(id)
    return side_by_side(before, prediction, signature) if before.model == prediction.model else None


def _csv(predictions: list[Prediction]) -> Response:
    disposition = {"Content-Disposition": 'attachment; filename="predictions.csv"'}
    return Response(records_csv(predictions), mimetype="text/csv", headers=disposition)


def _model(prediction: Prediction) -> ServedModel | None:
    try:
        return services().store.get(prediction.model)
    except (ModelNotFound, ModelNotReady):
        return None
