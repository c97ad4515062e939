"""The inputs whose values must not be stored, by the card, and checks that the card stores none itself."""

from __future__ import annotations

from collections.abc import Collection

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import printable
from webapp.models.card import Card
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


def refuse_values(card: Card, names: Collection[str]) -> None:
    """Check that no golden row or example of a card has a value for these inputs.

    Raises
    ------
    CardInvalid
    """
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
