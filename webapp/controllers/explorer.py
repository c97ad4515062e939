"""The list of all predictions, by what they hold; more of the addresses below /predictions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from flask import Response, render_template, request

from webapp.controllers.http.arguments import PAGE_SIZE, cursor, filter_asked
from webapp.controllers.http.context import permitted, principal, services
from webapp.controllers.http.responses import csv_answer
from webapp.controllers.predictions import bp
from webapp.errors import InvalidQuery, ModelNotFound, ModelNotReady
from webapp.helpers.pages.summary import LABELS, day_chart, facets, given
from webapp.helpers.records.as_csv import csv_lines
from webapp.helpers.records.as_json import json_lines
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.part import Part
from webapp.services.prediction_log import MAX_COUNTED_RECORDS

__all__ = ["bp"]


@bp.get("/predictions")
def index() -> tuple[str, int]:
    """List the predictions that match, the newest first, with what they are by value and by day."""
    try:
        filter = filter_asked()
    except InvalidQuery as error:
        return _form_again(error), error.status
    return _index(filter), 200


@bp.get("/predictions.json")
def index_json() -> Response:
    """Give all predictions that match as JSON."""
    filter = filter_asked()
    return Response(json_lines(_parts(filter, "json")), mimetype="application/json")


@bp.get("/predictions.csv")
def index_csv() -> Response:
    """Give all predictions that match as CSV."""
    filter = filter_asked()
    return csv_answer(csv_lines(_parts(filter, "csv"), _inputs_of(filter.model)))


def _index(filter: Filter) -> str:
    begin = cursor()
    page = services().explorer.page(filter, begin, PAGE_SIZE)
    # What they are all is told once, above the first page.
    summary = {} if begin else _summary(filter)
    return render_template(
        "predictions/index.html", page=page, filter=filter, **summary, **_form(given(filter.parameters))
    )


def _summary(filter: Filter) -> dict[str, object]:
    explorer = services().explorer
    counts = explorer.counts(filter)
    days = explorer.days(filter, datetime.now(UTC).date())
    chosen = facets(counts.values, filter) if counts else []
    return {"counts": counts, "counted": MAX_COUNTED_RECORDS, "facets": chosen, "days": day_chart(days)}


def _form_again(error: InvalidQuery) -> str:
    """Show the form as it was filled in, with a sentence by each field that is wrong."""
    wrong = {str(notice.loc[0]): notice.msg for notice in error.errors}
    asked = given(list(request.args.items()))
    return render_template("predictions/index.html", filter=Filter(), wrong=wrong, **_form(asked))


def _form(asked: dict[str, str]) -> dict[str, object]:
    models = [model.name for model in permitted(services().store.served())]
    return {"asked": asked, "models": models, "labels": LABELS}


def _parts(filter: Filter, format: str) -> Iterator[Part]:
    """Begin to export, so that what goes wrong at once is answered as an error."""
    parts = services().explorer.export(filter, cursor(), actor=principal().name, format=format)
    return chain([next(parts)], parts)


def _inputs_of(model: str | None) -> list[str]:
    if model is None:
        return []
    try:
        return [feature.name for feature in services().store.get(model).signature.features]
    except (ModelNotFound, ModelNotReady):
        return []
