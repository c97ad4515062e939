"""The form of each model."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for

from webapp.controllers.http.arguments import confirmed_blanks, previous_id
from webapp.controllers.http.context import caller, services
from webapp.errors import BlanksUnconfirmed, InvalidInput
from webapp.helpers.inputs.form_values import write_form
from webapp.helpers.pages.blanks import BlanksQuestion, blanks_question, check_blanks
from webapp.helpers.pages.form_fields import LONG_FORM, form_fields
from webapp.models.signature.example import typical_case
from webapp.services.model_store import ServedModel
from webapp.types import Channel, Instance, Notice

bp = Blueprint("forms", __name__)


@bp.get("/models/<name>")
def form(name: str) -> str:
    """Show the form of a model, filled in with the values in the address."""
    return _page(services().store.get(name), request.args.to_dict())


@bp.post("/models/<name>")
def submit(name: str) -> Response | tuple[str, int]:
    """Predict what was filled in and redirect to the record, or show the errors or a question about blanks."""
    model = services().store.get(name)
    try:
        (prediction,) = services().predictor.predict(model, caller(Channel.FORM), lambda: [_confirmed(model)])
    except InvalidInput as error:
        return _page(model, request.form.to_dict(), error.errors), error.status
    except BlanksUnconfirmed as error:
        question = blanks_question(_sent(model), model.signature)
        return _page(model, request.form.to_dict(), question=question), error.status
    return redirect(url_for("predictions.show", id=prediction.id, beside=previous_id()), 303)  # type: ignore[return-value]


def _sent(model: ServedModel) -> Instance:
    return model.schema.validate_strings(dict(request.form.lists()))


def _confirmed(model: ServedModel) -> Instance:
    """Read what was filled in, which may be mostly blank only if that was confirmed."""
    instance = _sent(model)
    check_blanks(instance, model.signature, confirmed_blanks())
    return instance


def _page(
    model: ServedModel,
    values: dict[str, str],
    errors: tuple[Notice, ...] = (),
    question: BlanksQuestion | None = None,
) -> str:
    fields = form_fields(model.signature, values, errors)
    ids = {field.name: field.id for field in fields}
    return render_template(
        "models/form.html",
        model=model,
        caution=services().store.caution(model),
        fields=fields,
        errors=errors,
        question=question,
        ids=ids,
        is_long=len(fields) >= LONG_FORM,
        known_cases=_known_cases(model),
        is_filled=bool(request.args),
        previous=previous_id(),
    )


def _known_cases(model: ServedModel) -> list[tuple[str, str]]:
    """Return the cases that the form can be filled in with, each with its address."""
    cases: list[tuple[str, Instance]] = [("a typical case", typical_case(model.signature))]
    if model.card:
        cases += [(f"“{example.title}”", example.inputs) for example in model.card.examples]
    address = url_for("forms.form", name=model.name)
    return [(title, f"{address}?{urlencode(write_form(case, model.signature))}") for title, case in cases if case]
