"""Explanations of predictions, for the page of a record and for JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from flask import request, url_for

from webapp.controllers.http.context import services
from webapp.errors import InvalidQuery, NotExplainable, Unavailable
from webapp.helpers import shapes
from webapp.models.explanation import tried_values
from webapp.models.explanation.as_json import explanation_json
from webapp.models.explanation.drawing import Chart, charts, scale_words
from webapp.models.explanation.sentences import ExplanationText, explanation_text
from webapp.services.model_store import ServedModel
from webapp.types import Notice, Prediction, Value


@dataclass(frozen=True, kw_only=True)
class ExplanationView:
    """The explanation of one output as the page shows it."""

    text: ExplanationText
    charts: tuple[Chart, ...]
    typical: bool
    #: The scores at the bottom and at the top of the charts.
    scale: tuple[str, str] | None
    #: Returns the address of the form with one value changed to another that was tried.
    address_with: Callable[[str, Value], str]


def explanations_of(prediction: Prediction, model: ServedModel | None) -> tuple[ExplanationView, ...]:
    """Explain a prediction for its page; empty if it can't be explained now."""
    if model is None or prediction.inputs is None:
        return ()
    try:
        explanations = services().explainer.explain(model, prediction)
    except (NotExplainable, Unavailable):
        return ()
    address_with = partial(_address_with, prediction, tried_values(prediction.inputs, model.signature))
    return tuple(
        ExplanationView(
            text=explanation_text(each, prediction.inputs, model.signature),
            charts=charts(each, model.signature),
            typical=each.typical,
            scale=scale_words(each, model.signature),
            address_with=address_with,
        )
        for each in explanations
    )


def wants_explanation() -> bool:
    """Return whether a script requests an explanation too."""
    if not request.query_string:
        return False
    value = request.args.get("explain", "false")
    if value not in ("true", "false"):
        raise InvalidQuery(errors=[Notice(loc=("explain",), msg="“explain” must be true or false.")])
    return value == "true"


def explanations_json(prediction: Prediction, model: ServedModel) -> list[shapes.Explanation] | None:
    """Explain a prediction as JSON; None if it can't be explained now."""
    if model.signature.redacted and "Idempotency-Key" in request.headers:
        # The answer would be stored for this key, and an explanation contains the values.
        return None
    try:
        return [explanation_json(each) for each in services().explainer.explain(model, prediction)]
    except (NotExplainable, Unavailable):
        return None


def _address_with(prediction: Prediction, tried: Mapping[str, tuple[Value, ...]], feature: str, value: Value) -> str:
    """Return the address of the form with one change, which it names by its place among the values that were tried."""
    place = next(place for place, each in enumerate(tried[feature]) if each == value and type(each) is type(value))
    return url_for("forms.form", name=prediction.model, again=prediction.id, change=feature, to=place)
