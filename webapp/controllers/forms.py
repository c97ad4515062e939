"""The form of each model."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for

from webapp.controllers.http.arguments import confirmed_blanks, prediction_id, previous_id
from webapp.controllers.http.context import caller, record, services
from webapp.controllers.http.responses import with_retry_after
from webapp.errors import (
    BlanksUnconfirmed,
    InvalidInput,
    NotFound,
    PredictionFailed,
    PredictionNotFound,
    ScoredeskError,
    Unavailable,
)
from webapp.helpers.inputs.form_values import write_form
from webapp.helpers.pages.blanks import BlanksQuestion, blanks_question, check_blanks
from webapp.helpers.pages.form_fields import LONG_FORM, form_fields
from webapp.helpers.records.redaction import kept_values
from webapp.models.explanation import tried_values
from webapp.models.signature.example import typical_case
from webapp.services.model_store import ServedModel
from webapp.types import Channel, Instance, Notice, Prediction

bp = Blueprint("forms", __name__)


@bp.get("/models/<name>")
def form(name: str) -> str:
    """Show the form of a model: empty, or filled in with a record's inputs or with an example.

    No address holds a value, because proxies and browsers keep addresses.
    """
    model = services().store.get(name)
    if "again" in request.args:
        id = prediction_id(request.args["again"])
        return form_page(model, write_form(_inputs_again(model, record(id)), model.signature), previous=id)
    example = _example(model, request.args["example"]) if "example" in request.args else {}
    return form_page(model, write_form(example, model.signature), previous=previous_id())


@bp.post("/models/<name>")
def submit(name: str) -> Response | tuple[str, int]:
    """Predict what was filled in and redirect to the record, or show the form again with what went wrong."""
    model, previous = services().store.get(name), previous_id()
    try:
        (prediction,) = services().predictor.predict(model, caller(Channel.FORM), lambda: [_confirmed(model)])
    except InvalidInput as error:
        return form_page(model, request.form, previous=previous, errors=error.errors), error.status
    except BlanksUnconfirmed as error:
        question = blanks_question(_sent(model), model.signature)
        return form_page(model, request.form, previous=previous, question=question), error.status
    except (PredictionFailed, Unavailable) as error:
        page = form_page(model, request.form, previous=previous, problem=error)
        return with_retry_after(Response(page, error.status), error)
    return redirect(url_for("predictions.show", id=prediction.id, beside=previous), 303)  # type: ignore[return-value]


def _sent(model: ServedModel) -> Instance:
    return model.schema.validate_strings(dict(request.form.lists()))


def _confirmed(model: ServedModel) -> Instance:
    """Read what was filled in, which may be mostly blank only if that was confirmed."""
    instance = _sent(model)
    check_blanks(instance, model.signature, confirmed_blanks())
    return instance


def form_page(
    model: ServedModel,
    values: Mapping[str, str],
    *,
    previous: UUID | None,
    errors: tuple[Notice, ...] = (),
    question: BlanksQuestion | None = None,
    problem: ScoredeskError | None = None,
) -> str:
    """Show the form of a model with these values, and with what is wrong with them or why they weren't predicted."""
    fields = form_fields(model.signature, values, errors)
    ids = {field.name: field.id for field in fields}
    return render_template(
        "models/form.html",
        model=model,
        caution=services().store.caution(model),
        fields=fields,
        errors=errors,
        question=question,
        problem=problem,
        ids=ids,
        is_long=len(fields) >= LONG_FORM,
        known_cases=_known_cases(model),
        is_filled=bool(values),
        previous=previous,
    )


def _inputs_again(model: ServedModel, prediction: Prediction) -> Instance:
    """Return the inputs of a record as far as they were kept, with the change that the address names by its place."""
    if prediction.model != model.name:
        raise PredictionNotFound
    inputs = kept_values(prediction.inputs or {})
    if "change" not in request.args:
        return inputs
    name, place = request.args["change"], request.args.get("to", "")
    # Another file may try other values, and then the place would name another one than the page showed.
    is_same = model.gave(prediction) and inputs.keys() == model.schema.names
    tried = tried_values(inputs, model.signature) if is_same else {}
    values = tried.get(name, ())
    if not place.isdecimal() or int(place) >= len(values):
        raise NotFound("This change can't be looked up any more. Open the prediction again.")
    return {**inputs, name: values[int(place)]}


def _known_cases(model: ServedModel) -> list[tuple[str, str]]:
    """Return the cases that the form can be filled in with, each with its address."""
    return [(title, url_for("forms.form", name=model.name, example=key)) for key, title, _ in _examples(model)]


def _example(model: ServedModel, wanted: str) -> Instance:
    for key, _, case in _examples(model):
        if key == wanted:
            return case
    raise NotFound("There is no such example.")


def _examples(model: ServedModel) -> list[tuple[str, str, Instance]]:
    """Return each case that is known, with what its address and its link call it."""
    cases: list[tuple[str, str, Instance]] = [("typical", "a typical case", typical_case(model.signature))]
    for number, example in enumerate(model.card.examples if model.card else (), 1):
        cases.append((str(number), f"“{example.title}”", example.inputs))
    return [(key, title, case) for key, title, case in cases if case]
