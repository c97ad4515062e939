"""What a card says of inputs that are not kept, and what it may not hold itself then."""

from __future__ import annotations

from collections.abc import Collection

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import shown
from webapp.models.card import Card
from webapp.types import Kept, Signature


def kept_of(name: str, card: Card) -> Kept:
    """Tell what is kept of the values of an input."""
    if name in card.redact:
        return "nothing"
    return "pseudonym" if name in card.pseudonymise else "value"


def check_redaction(signature: Signature, card: Card) -> None:
    """Make sure that what is not to be kept does not stand in the card.

    Raises
    ------
    CardInvalid
    """
    if both := [name for name in card.pseudonymise if name in card.redact]:
        raise CardInvalid(f"Its card names “{shown(both[0])}” both in redact and in pseudonymise.")
    few = {feature.name for feature in signature.features if feature.kind in ("category", "boolean")}
    if named := [name for name in card.pseudonymise if name in few]:
        raise CardInvalid(
            f"Its card asks for a pseudonym of “{shown(named[0])}”, which has so few values that how often each "
            "occurs would tell them; name it in redact instead."
        )
    refuse_values(card, [*card.redact, *card.pseudonymise])


def refuse_values(card: Card, names: Collection[str]) -> None:
    """Make sure that a card holds no case with a value of these inputs.

    Raises
    ------
    CardInvalid
    """
    for row in card.golden:
        if found := [name for name in names if row.inputs.get(name) is not None]:
            raise CardInvalid(
                f"Its golden rows would keep values of “{shown(found[0])}”, which are not to be kept; "
                "publish it with --no-golden."
            )
    for example in card.examples:
        if found := [name for name in names if example.inputs.get(name) is not None]:
            raise CardInvalid(
                f"Its card's example “{shown(example.title)}” gives a value of “{shown(found[0])}”, "
                "which is not to be kept; leave it out."
            )
