"""The filtered list of all predictions, as a page, JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from flask import Response, redirect, render_template, request, url_for

from webapp.controllers.http.arguments import PAGE_SIZE, cursor, requested_filter
from webapp.controllers.http.context import permitted, principal, services
from webapp.controllers.http.responses import csv_answer
from webapp.controllers.predictions import bp
from webapp.errors import InvalidQuery
from webapp.helpers.pages.summary import LABELS, day_chart, facets, first_values
from webapp.helpers.records.as_csv import csv_lines
from webapp.helpers.records.as_json import json_lines
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.part import Part
from webapp.services.prediction_log import MAX_COUNTED_RECORDS

__all__ = ["bp"]


@bp.get("/predictions")
def index() -> Response | tuple[str, int]:
    """List the predictions that match, the newest first, with their counts by value and by day."""
    try:
        filter = requested_filter()
    except InvalidQuery as error:
        return _page_with_errors(error), error.status
    if [name for name, _ in filter.conditions] == ["id"]:
        return redirect(url_for("predictions.show", id=filter.id), 303)  # type: ignore[return-value]
    return _page(filter), 200


@bp.get("/predictions.json")
def index_json() -> Response:
    """Export all predictions that match as JSON."""
    filter = requested_filter()
    return Response(json_lines(_parts(filter, "json")), mimetype="application/json")


@bp.get("/predictions.csv")
def index_csv() -> Response:
    """Export all predictions that match as CSV."""
    filter = requested_filter()
    return csv_answer(csv_lines(_parts(filter, "csv"), _input_names(filter.model)))


def _page(filter: Filter) -> str:
    begin = cursor()
    page = services().explorer.page(filter, begin, PAGE_SIZE)
    # Only the first page has the summary.
    summary = {} if begin else _summary(filter)
    return render_template(
        "predictions/index.html", page=page, filter=filter, **summary, **_form(first_values(filter.parameters))
    )


def _summary(filter: Filter) -> dict[str, object]:
    explorer = services().explorer
    counts = explorer.counts(filter)
    days = explorer.days(filter, datetime.now(UTC).date())
    return {
        "counts": counts,
        "counted": MAX_COUNTED_RECORDS,
        "facets": facets(counts.values, filter) if counts else [],
        "days": day_chart(days),
    }


def _page_with_errors(error: InvalidQuery) -> str:
    """Show the form as it was filled in, with a sentence at each field that is not valid."""
    problems = {str(notice.loc[0]): notice.msg for notice in error.errors}
    values = first_values(list(request.args.items()))
    return render_template("predictions/index.html", filter=Filter(), problems=problems, **_form(values))


def _form(values: dict[str, str]) -> dict[str, object]:
    models = [model.name for model in permitted(services().store.served())]
    return {"values": values, "models": models, "labels": LABELS}


def _parts(filter: Filter, format: str) -> Iterator[Part]:
    """Begin the export before the answer, so that an early error still gets its own status."""
    parts = services().explorer.export(filter, cursor(), actor=principal().name, format=format)
    return chain([next(parts)], parts)


def _input_names(model: str | None) -> list[str]:
    found = services().store.find(model) if model else None
    return [feature.name for feature in found.signature.features] if found else []
