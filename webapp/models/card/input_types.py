"""The types of inputs that a card says, where the estimator itself does not show them."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import printable
from webapp.models.card import Card
from webapp.models.card.fields import CardInputType
from webapp.models.signature.input_types import with_input_types
from webapp.types import DType, Feature, InputType, Kind, Signature

#: Pandas' type of a column whose kind the card says without it.
USUAL_DTYPES: Mapping[str, DType] = {"integer": "int64", "date": "datetime64", "datetime": "datetime64"}


def with_card_types(signature: Signature, card: Card) -> Signature:
    """Return a signature with the types of inputs that a card says.

    Raises
    ------
    CardInvalid
        When the card names an unknown input, or the estimator shows that an input is of another kind.
    """
    features = {feature.name: feature for feature in signature.features}
    if unknown := [name for name in card.inputs if name not in features]:
        raise CardInvalid(f"The card names “{printable(unknown[0])}”, which is not an input of this model.")
    for source in ("card", "sample"):
        told = {
            name: _input_type(on_card, features[name])
            for name, on_card in card.inputs.items()
            if on_card.source == source and on_card.kind
        }
        signature = with_input_types(signature, told, source)
    return signature


def _input_type(on_card: CardInputType, feature: Feature) -> InputType:
    kind = on_card.kind or feature.kind
    if not _may_be(on_card, feature):
        name = printable(feature.name)
        raise CardInvalid(f"The card calls “{name}” a {on_card.kind}; the model itself shows that it is not.")
    if on_card.kind == "category" and not (on_card.choices or feature.choices):
        raise CardInvalid(f"The card calls “{printable(feature.name)}” a category; give its choices too.")
    return InputType(kind=kind, dtype=_dtype(on_card, feature, kind), choices=tuple(on_card.choices))


def _may_be(on_card: CardInputType, feature: Feature) -> bool:
    if on_card.dtype == "datetime64" and on_card.kind not in ("date", "datetime"):
        return False
    if feature.unknown or feature.source == "testing" or on_card.kind == feature.kind:
        return True
    is_number = on_card.kind in ("number", "integer")
    return feature.is_number and (is_number or (on_card.kind == "boolean" and feature.may_be_flag))


def _dtype(on_card: CardInputType, feature: Feature, kind: Kind) -> DType | None:
    if on_card.dtype is not None:
        return None if on_card.dtype == "text" else on_card.dtype
    if feature.is_date and kind in ("date", "datetime"):
        # Testing has shown which of the two the model takes.
        return feature.dtype
    return USUAL_DTYPES.get(kind)
