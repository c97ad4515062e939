"""Puts the words of a card on what was read off the estimator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import shown
from webapp.helpers.values import as_value
from webapp.models.card import Card
from webapp.models.card.redaction import check_redaction, kept_of
from webapp.models.card.typical import with_typical
from webapp.types import Feature, Range, Signature, Value

OTHERS = "Other"


def with_words(signature: Signature, card: Card) -> Signature:
    """Give a signature whose features carry the card's words; what the estimator takes stays the same.

    Raises
    ------
    CardInvalid
        When it speaks of inputs that there are not, gives a range to something else than a number, an example
        that the model doesn't take, or values that are not to be kept.
    """
    _check(signature, card)
    _check_examples(signature, card)
    check_redaction(signature, card)
    signature = with_typical(signature, card)
    groups = {name: group for group, names in card.groups.items() for name in names}
    # What stands under no heading would seem to stand under the last one.
    rest = OTHERS if groups else ""
    features = tuple(_feature(feature, card, groups.get(feature.name, rest)) for feature in signature.features)
    return replace(signature, features=features, order=_order(features, card))


def _feature(feature: Feature, card: Card, group: str) -> Feature:
    name = feature.name
    ends = card.ranges.get(name)
    span = Range(low=ends[0], high=ends[1], exact=True, source="the card") if ends else feature.range
    return replace(
        feature,
        label=card.labels.get(name, ""),
        unit=card.units.get(name, ""),
        help=card.help.get(name, ""),
        group=group,
        range=span,
        immutable=name in card.immutable,
        kept=kept_of(name, card),
    )


def _order(features: Iterable[Feature], card: Card) -> tuple[str, ...]:
    """Put the groups one after the other, those without one last; the card's order counts within each."""
    if not (card.order or card.groups):
        return ()
    groups = [*card.groups, OTHERS, ""]
    within = [*card.order, *(name for names in card.groups.values() for name in names)]
    places = {name: place for place, name in reversed(list(enumerate(within)))}
    ordered = sorted(features, key=lambda each: (groups.index(each.group), places.get(each.name, len(within))))
    return tuple(feature.name for feature in ordered)


def _check(signature: Signature, card: Card) -> None:
    kinds = {feature.name: feature.kind for feature in signature.features}
    grouped = [name for names in card.groups.values() for name in names]
    paired = [cell.feature for pair in card.empty_pairs for cell in (pair.first, pair.second)]
    exemplified = [name for example in card.examples for name in example.inputs]
    lists = (card.order, card.immutable, card.redact, card.pseudonymise, grouped, exemplified, paired)
    for part in (card.labels, card.units, card.help, card.ranges, *lists):
        if unknown := [name for name in part if name not in kinds]:
            raise CardInvalid(f"Its card speaks of “{shown(unknown[0])}”, which is not an input of this model.")
    for name in card.ranges:
        if kinds[name] not in ("number", "integer"):
            raise CardInvalid(f"Its card gives a range to “{shown(name)}”, which is not a number.")
    classes = {str(each) for output in signature.outputs for each in output.classes}
    if unknown := [name for name in card.thresholds if name not in classes]:
        raise CardInvalid(f"Its card gives a threshold for “{shown(unknown[0])}”, which is not a class of this model.")
    for what, names in (("order", card.order), ("groups", grouped)):
        if len(set(names)) < len(names):
            raise CardInvalid(f"Its card names an input twice in {what}.")


def _check_examples(signature: Signature, card: Card) -> None:
    features = {feature.name: feature for feature in signature.features}
    for example in card.examples:
        for name, value in example.inputs.items():
            if not _fits(value, features[name]):
                raise CardInvalid(f"Its card's example “{shown(example.title)}” gives “{shown(name)}” a wrong value.")


def _fits(value: Value, feature: Feature) -> bool:
    if value is None:
        return True
    if feature.kind == "text":
        return isinstance(value, str)
    if feature.kind in ("number", "integer"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    sent = as_value(value)
    return any(type(sent) is type(choice) and sent == choice for choice in feature.choices)
