"""Adds the words of a card to the signature that was read from the estimator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from webapp.errors import CardInvalid
from webapp.helpers.inputs.messages import printable
from webapp.helpers.values import as_value
from webapp.models.card import Card
from webapp.models.card.fields import CARD_SOURCE
from webapp.models.card.redaction import check_redaction, kept_of
from webapp.models.card.sample_values import with_sample_values
from webapp.types import Feature, Range, Signature, Value

#: Heading of the inputs that the card puts into no group.
OTHER_GROUP = "Other"


def with_words(signature: Signature, card: Card) -> Signature:
    """Return a signature whose features carry the card's words; it accepts no more than the estimator does.

    Raises
    ------
    CardInvalid
        When the card names an unknown input, gives a range to an input that is not a number, lets new choices
        through that the estimator refuses, or contains an example that is not valid or a value that must not be stored.
    """
    _check_names(signature, card)
    _check_examples(signature, card)
    check_redaction(signature, card)
    signature = with_sample_values(signature, card)
    groups = {name: group for group, names in card.groups.items() for name in names}
    # Inputs without a heading would seem to belong to the last one.
    rest = OTHER_GROUP if groups else ""
    features = tuple(_feature(feature, card, groups.get(feature.name, rest)) for feature in signature.features)
    return replace(signature, features=features, order=_order(features, card))


def _feature(feature: Feature, card: Card, group: str) -> Feature:
    name = feature.name
    ends = card.ranges.get(name)
    span = Range(low=ends[0], high=ends[1], exact=True, source=CARD_SOURCE) if ends else feature.range
    return replace(
        feature,
        optional=feature.optional and name not in card.required,
        label=card.labels.get(name, ""),
        unit=card.units.get(name, ""),
        help=card.help.get(name, ""),
        group=group,
        range=span,
        immutable=name in card.immutable,
        new_choices=name in card.inputs and card.inputs[name].new_choices,
        kept=kept_of(name, card),
    )


def _order(features: Iterable[Feature], card: Card) -> tuple[str, ...]:
    """Return the order of the inputs: group by group, those without one last, and in the card's order within each."""
    if not (card.order or card.groups):
        return ()
    groups = [*card.groups, OTHER_GROUP, ""]
    within = [*card.order, *(name for names in card.groups.values() for name in names)]
    places = {name: place for place, name in reversed(list(enumerate(within)))}
    ordered = sorted(features, key=lambda feature: (groups.index(feature.group), places.get(feature.name, len(within))))
    return tuple(feature.name for feature in ordered)


def _check_names(signature: Signature, card: Card) -> None:
    are_numbers = {feature.name: feature.is_number for feature in signature.features}
    grouped = [name for names in card.groups.values() for name in names]
    paired = [cell.feature for pair in card.empty_pairs for cell in (pair.first, pair.second)]
    exemplified = [name for example in card.examples for name in example.inputs]
    mentions = (card.required, card.order, card.immutable, card.redact, card.pseudonymise, grouped, exemplified, paired)
    for part in (card.labels, card.units, card.help, card.ranges, card.inputs, *mentions):
        if unknown := [name for name in part if name not in are_numbers]:
            raise CardInvalid(f"The card names “{printable(unknown[0])}”, which is not an input of this model.")
    for name in card.ranges:
        if not are_numbers[name]:
            raise CardInvalid(f"The card gives a range to “{printable(name)}”, which is not a number.")
    for feature in signature.features:
        settings = card.inputs.get(feature.name)
        if settings and settings.new_choices and not feature.tolerates_new:
            raise CardInvalid(
                f"The card lets new choices of “{printable(feature.name)}” through, but the model refuses values that "
                "it doesn't know. Fit its encoder with handle_unknown, or leave new_choices out."
            )
    classes = {str(name) for output in signature.outputs for name in output.classes}
    if unknown := [name for name in card.thresholds if name not in classes]:
        raise CardInvalid(
            f"The card sets a threshold for “{printable(unknown[0])}”, which is not a class of this model."
        )
    for field, names in (("order", card.order), ("groups", grouped)):
        if len(set(names)) < len(names):
            raise CardInvalid(f"The card names an input twice in {field}.")


def _check_examples(signature: Signature, card: Card) -> None:
    features = {feature.name: feature for feature in signature.features}
    for example in card.examples:
        for name, value in example.inputs.items():
            if not _fits(value, features[name]):
                title, input_name = printable(example.title), printable(name)
                raise CardInvalid(f"The example “{title}” on the card has an invalid value for “{input_name}”.")


def _fits(value: Value, feature: Feature) -> bool:
    if value is None:
        return True
    if not feature.is_number and not feature.has_choices:
        return isinstance(value, str)
    if feature.is_number:
        return isinstance(value, int | float) and not isinstance(value, bool)
    normal = as_value(value)
    return any(type(normal) is type(choice) and normal == choice for choice in feature.choices)
