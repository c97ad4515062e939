"""Why a prediction is as it is, for the page of its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from flask import request, url_for

from webapp.controllers.http.context import services
from webapp.errors import InvalidQuery, NotExplainable, Unavailable
from webapp.helpers import shapes
from webapp.helpers.inputs.form_values import write_form
from webapp.helpers.records.redaction import kept_values
from webapp.models.explanation.as_json import explanation_json
from webapp.models.explanation.drawing import Picture, pictures, scale_words
from webapp.models.explanation.sentences import Why, why
from webapp.services.model_store import ServedModel
from webapp.types import Instance, Notice, Prediction, Value


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The explanation of one output as its page shows it."""

    why: Why
    pictures: tuple[Picture, ...]
    typical: bool
    #: What stands at the bottom and at the top of the pictures.
    scale: tuple[str, str] | None
    #: Gives the address of the form with one value changed.
    changed: Callable[[str, Value], str]


def explanations_of(prediction: Prediction, model: ServedModel | None) -> tuple[Explained, ...]:
    """Explain a prediction, if it can be explained now; its page does without where it can't."""
    if model is None or prediction.inputs is None:
        return ()
    try:
        found = services().explainer.explain(model, prediction)
    except (NotExplainable, Unavailable):
        return ()
    changed = partial(_changed, prediction, model)
    return tuple(
        Explained(
            why=why(each, prediction.inputs, model.signature),
            pictures=pictures(each, model.signature),
            typical=each.typical,
            scale=scale_words(each),
            changed=changed,
        )
        for each in found
    )


def explaining() -> bool:
    """Tell whether a script asks for an explanation too."""
    if not request.query_string:
        return False
    said = request.args.get("explain", "false")
    if said not in ("true", "false"):
        raise InvalidQuery(errors=[Notice(loc=("explain",), msg="This is true or false.")])
    return said == "true"


def explanations_json(prediction: Prediction, model: ServedModel) -> list[shapes.Explanation] | None:
    """Explain a prediction to a script; None if it can't be explained now."""
    if model.signature.redacted and "Idempotency-Key" in request.headers:
        # The answer is kept for the next time, and an explanation holds the values.
        return None
    try:
        return [explanation_json(each) for each in services().explainer.explain(model, prediction)]
    except (NotExplainable, Unavailable):
        return None


def form_address(prediction: Prediction, model: ServedModel, instance: Instance) -> str:
    """Give the address of the form filled in with an instance, whose answer is shown beside the prediction then."""
    entered = {"beside": str(prediction.id)} | write_form(kept_values(instance), model.signature)
    return f"{url_for('forms.form', name=model.name)}?{urlencode(entered)}"


def _changed(prediction: Prediction, model: ServedModel, feature: str, value: Value) -> str:
    return form_address(prediction, model, {**(prediction.inputs or {}), feature: value})
