"""The rows of the list of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.helpers.feature_words import value_words
from webapp.helpers.formatting import feature_label
from webapp.helpers.pages.result import share_beside, short_answer
from webapp.helpers.records.filter_values import case_number
from webapp.helpers.records.redaction import is_placeholder
from webapp.types import Feature, Instance, Prediction, Signature


@dataclass(frozen=True, kw_only=True)
class Row:
    """One prediction in a few words."""

    prediction: Prediction
    case: str
    answer: str
    #: The probability of the class that was answered; empty without one.
    share: str
    #: The values of the inputs that have a column.
    inputs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PredictionList:
    """The rows of a list, and which columns they need."""

    rows: tuple[Row, ...]
    #: The labels of the inputs that have a column.
    inputs: tuple[str, ...]
    has_actors: bool
    has_warnings: bool


def prediction_list(
    predictions: Sequence[Prediction], signatures: Sequence[Signature | None], features: Sequence[Feature] = ()
) -> PredictionList:
    """Return the rows for these predictions.

    Parameters
    ----------
    signatures : sequence of Signature or None
        For each prediction, the signature with whose words people read it; None if its model is not served.
    features : sequence of Feature
        The inputs with a column, if all predictions are of one model.
    """
    rows = tuple(
        Row(
            prediction=each,
            case=case_number(each.id),
            answer=short_answer(each, signature),
            share=share_beside(each, signature),
            inputs=tuple(_value(each.inputs, feature) for feature in features),
        )
        for each, signature in zip(predictions, signatures, strict=True)
    )
    return PredictionList(
        rows=rows,
        inputs=tuple(map(feature_label, features)),
        has_actors=any(each.actor for each in predictions),
        has_warnings=any(each.warnings for each in predictions),
    )


def _value(inputs: Instance | None, feature: Feature) -> str:
    """Write the value of an input; a dash where the record has none."""
    value = (inputs or {}).get(feature.name)
    if value is None:
        return "–"
    return "not kept" if is_placeholder(value) else value_words(feature, value)
