"""The card's labels of the values of inputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from webapp.errors import CardInvalid
from webapp.helpers.feature_words import comparable, options, value_key
from webapp.helpers.inputs.form_values import NUMBER
from webapp.helpers.inputs.messages import printable
from webapp.helpers.values import as_value
from webapp.models.card import Card
from webapp.types import Feature, Signature


def with_value_labels(signature: Signature, card: Card) -> Signature:
    """Return a signature whose features have the card's labels of their values.

    Raises
    ------
    CardInvalid
        When a label is for a value that an input can't have, or could be taken for another value.
    """
    features = tuple(_feature(feature, card.choices.get(feature.name, {})) for feature in signature.features)
    return replace(signature, features=features)


def _feature(feature: Feature, said: Mapping[str, str]) -> Feature:
    labels = {_key(feature, name): label for name, label in said.items() if label}
    if not labels:
        return feature
    subject = f"choices of “{printable(feature.name)}”"
    require_distinct(labels, [value_key(value) for value in options(feature)], subject)
    if feature.is_number and any(NUMBER.fullmatch(label.strip()) for label in labels.values()):
        raise CardInvalid(f"The card calls one of the {subject} by a number, which could be taken for its value.")
    return replace(feature, value_labels=labels)


def _key(feature: Feature, name: str) -> str:
    """Return the key of the value that a card names."""
    if feature.is_number and NUMBER.fullmatch(name):
        key = value_key(as_value(float(name)))
        if not feature.is_flag or key in ("0", "1"):
            return key
    elif feature.has_choices:
        meant = [value_key(value) for value in feature.choices if name in (value_key(value), str(value))]
        if len(meant) == 1:
            return meant[0]
    elif feature.kind == "text":
        return name
    raise CardInvalid(
        f"The card labels “{printable(name)}” of “{printable(feature.name)}”, which is not one of its choices."
    )


def require_distinct(labels: Mapping[str, str], keys: Collection[str], subject: str) -> None:
    """Check that no label is the same as another one, or as another value.

    Raises
    ------
    CardInvalid
    """
    taken = {comparable(key): key for key in keys}
    for key, label in labels.items():
        if taken.setdefault(comparable(label), key) != key:
            raise CardInvalid(f"The card gives two {subject} the same label, “{printable(label)}”.")
