"""The filtered list of all predictions, as a page, JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from flask import Response, redirect, render_template, request, url_for

from webapp.controllers.http.arguments import PAGE_SIZE, cursor, requested_filter
from webapp.controllers.http.context import permitted, principal, services
from webapp.controllers.http.responses import csv_answer
from webapp.controllers.predictions import bp
from webapp.errors import InvalidQuery
from webapp.helpers.accounts.roles import Role
from webapp.helpers.formatting import feature_label
from webapp.helpers.pages.filter_choices import input_choices, value_choices
from webapp.helpers.pages.histogram import histogram
from webapp.helpers.pages.prediction_list import PredictionList, prediction_list
from webapp.helpers.pages.summary import LABELS, day_chart, facets, first_values, unanswered_words
from webapp.helpers.records.as_csv import csv_lines
from webapp.helpers.records.as_json import json_lines
from webapp.helpers.records.filters import Filter
from webapp.helpers.records.part import Part
from webapp.services.model_store import ServedModel
from webapp.services.prediction_log import MAX_COUNTED_RECORDS, MAX_COUNTED_UNANSWERED, Counts, RecordsPage
from webapp.types import Feature, Prediction, Status

__all__ = ["bp"]


@bp.get("/predictions")
def index() -> str | Response | tuple[str, int]:
    """List the predictions that match, the newest first, with their counts by value and by day."""
    try:
        filter = requested_filter()
    except InvalidQuery as error:
        return _page_with_errors(error), error.status
    return _page(filter)


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


def _page(requested: Filter) -> str | Response:
    begin = cursor()
    # People look for answers, so they see the rest only if they ask for it, or for one record.
    hides = requested.status is None and requested.id is None
    filter = replace(requested, status=Status.ANSWERED) if hides else requested
    page = services().explorer.page(filter, begin, PAGE_SIZE)
    if _is_the_one(requested, page):
        return redirect(url_for("predictions.show", id=page.predictions[0].id), 303)  # type: ignore[return-value]
    # Only the first page has the summary.
    summary = {} if begin else _summary(filter, requested)
    if hides and not begin:
        summary["hidden"] = unanswered_words(services().explorer.unanswered(filter), MAX_COUNTED_UNANSWERED)
    model = filter.model or _only_model(page.predictions)
    return render_template(
        "predictions/index.html",
        page=page,
        list=_list(model, page.predictions),
        filter=requested,
        exported=filter,
        **summary,
        **_form(first_values(requested.parameters), model),
    )


def _is_the_one(filter: Filter, page: RecordsPage) -> bool:
    """Return whether only an id was asked for, and its record was found."""
    return [name for name, _ in filter.conditions] == ["id"] and len(page.predictions) == 1 and page.cursor is None


def _only_model(predictions: Sequence[Prediction]) -> str | None:
    """Return the model of all these predictions, if the reader has no other one."""
    names = {model.name for model in permitted(services().store.served())}
    return names.pop() if len(names) == 1 and {each.model for each in predictions} == names else None


def _list(model: str | None, predictions: Sequence[Prediction]) -> PredictionList:
    served = {each.name: each for each in services().store.served()}
    signatures = [served[each.model].words_for(each) if each.model in served else None for each in predictions]
    return prediction_list(predictions, signatures, _key_features(model))


def _key_features(name: str | None) -> list[Feature]:
    """Return the inputs that have a column if all predictions are of this model."""
    model = _permitted_model(name)
    if model is None or model.card is None:
        return []
    features = {feature.name: feature for feature in model.signature.features}
    return [features[name] for name in model.card.key_inputs]


def _summary(filter: Filter, requested: Filter) -> dict[str, object]:
    explorer = services().explorer
    regressions = [model.name for model in services().store.served() if model.signature.task == "regression"]
    counts = explorer.counts(filter, regressions)
    return {
        "counts": counts,
        "counted": MAX_COUNTED_RECORDS,
        "facets": facets(counts.values, requested) if counts else [],
        "histogram": histogram(_numbers(counts)) if counts else None,
        "days": day_chart(explorer.days(filter, datetime.now(UTC).date())),
    }


def _numbers(counts: Counts) -> Mapping[float, int]:
    """Return how often each number was answered, if all answers are of one model; numbers of two can't be compared."""
    models = list(counts.values["model"])
    return counts.numbers.get(models[0], {}) if len(models) == 1 else {}


def _page_with_errors(error: InvalidQuery) -> str:
    """Show the form as it was filled in, with a sentence at each field that is not valid."""
    problems = {str(notice.loc[0]): notice.msg for notice in error.errors}
    values = first_values(list(request.args.items()))
    form = _form(values, values.get("model"))
    return render_template("predictions/index.html", filter=Filter(), problems=problems, **form)


def _form(values: dict[str, str], model_name: str | None) -> dict[str, object]:
    store, reader = services().store, principal()
    titles = {model.name: model.title for model in permitted(store.served())}
    # A model that is not served any more, or not right now, may have records.
    others = [model_name] if model_name else []
    others += [model.name for model in permitted(store.unserved())]
    model = _permitted_model(model_name)
    features = model.signature.shown if model else ()
    return {
        "values": values,
        "model": model_name,
        "titles": titles,
        "models": titles | {name: name for name in others if name not in titles},
        "input_choices": input_choices(features, values),
        "value_choices": value_choices(features),
        "input_labels": {feature.name: feature_label(feature) for feature in features},
        "labels": LABELS,
        "sees_others": reader.scope is None or bool(reader.scope.models),
    }


def _permitted_model(name: str | None) -> ServedModel | None:
    return services().store.find(name) if name and principal().may(Role.PREDICT, name) else None


def _parts(filter: Filter, format: str) -> Iterator[Part]:
    """Begin the export before the answer, so that an early error still gets its own status."""
    parts = services().explorer.export(filter, cursor(), actor=principal().name, format=format)
    return chain([next(parts)], parts)


def _input_names(model: str | None) -> list[str]:
    found = _permitted_model(model)
    return [feature.name for feature in found.signature.features] if found else []
