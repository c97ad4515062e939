"""The inputs whose values must not be stored, by the card, and checks that the card stores none itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import printable
from webapp.models.card import Card
from webapp.models.card.fields import CardInputType
from webapp.types import Kept, Signature


def kept_of(name: str, card: Card) -> Kept:
    """Return what the record keeps of the values of an input."""
    if name in card.redact:
        return "nothing"
    return "pseudonym" if name in card.pseudonymise else "value"


def check_redaction(signature: Signature, card: Card) -> None:
    """Check that the card itself holds no value that must not be stored.

    Raises
    ------
    CardInvalid
    """
    if both := [name for name in card.pseudonymise if name in card.redact]:
        raise CardInvalid(f"The card names “{printable(both[0])}” both in redact and in pseudonymise.")
    categorical = {feature.name for feature in signature.features if feature.has_choices}
    if named := [name for name in card.pseudonymise if name in categorical]:
        raise CardInvalid(
            f"The card asks for a pseudonym of “{printable(named[0])}”, which has so few values that their frequencies "
            "would reveal them; name it in redact instead."
        )
    refuse_values(card, [*card.redact, *card.pseudonymise])


def without_listed_values(types: Mapping[str, CardInputType], names: Collection[str]) -> dict[str, CardInputType]:
    """Return the types of inputs without the texts that a sample has of these inputs."""
    return {
        name: told.model_copy(update={"choices": []}) if name in names and _lists_values(told) else told
        for name, told in types.items()
    }


def _lists_values(told: CardInputType) -> bool:
    return told.kind == "text" and bool(told.choices)


def refuse_values(card: Card, names: Collection[str]) -> None:
    """Check that no golden row, example or list on a card has a value for these inputs.

    Raises
    ------
    CardInvalid
    """
    if listed := [name for name in names if name in card.inputs and _lists_values(card.inputs[name])]:
        raise CardInvalid(
            f"The card lists values of “{printable(listed[0])}”, which must not be stored; leave out its choices."
        )
    for row in card.golden:
        if found := [name for name in names if row.inputs.get(name) is not None]:
            raise CardInvalid(
                f"The golden rows would store values of “{printable(found[0])}”, which must not be stored; "
                "publish the model with --no-golden."
            )
    for example in card.examples:
        if found := [name for name in names if example.inputs.get(name) is not None]:
            raise CardInvalid(
                f"The example “{printable(example.title)}” on the card has a value for “{printable(found[0])}”, "
                "which must not be stored; leave it out."
            )
