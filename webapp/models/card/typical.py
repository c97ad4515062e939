"""Typical values from the reference distributions on a card."""

from __future__ import annotations

from dataclasses import replace

from webapp.models.card import Card
from webapp.models.card.fields import CardInput, NumberReference
from webapp.types import Feature, Signature, Value


def with_typical(signature: Signature, card: Card) -> Signature:
    """Return a signature with typical values from the sample, where the estimator stores none."""
    inputs = {feature.name: feature for feature in card.signature.inputs} if card.signature else {}
    features = (_feature(feature, inputs.get(feature.name)) for feature in signature.features)
    return replace(signature, features=tuple(features))


def _feature(feature: Feature, on_card: CardInput | None) -> Feature:
    typical = _typical(on_card) if on_card and on_card.kind == feature.kind else None
    return replace(feature, typical=typical) if feature.typical is None and typical is not None else feature


def _typical(on_card: CardInput) -> Value:
    reference = on_card.reference
    if reference is None or not reference.shares:
        return None
    if isinstance(reference, NumberReference):
        # Each bin holds the same share, so the middle bound is about the median.
        return reference.bounds[len(reference.bounds) // 2] if reference.bounds else None
    if len(reference.shares) != len(on_card.choices) or not any(reference.shares):
        return None
    return on_card.choices[reference.shares.index(max(reference.shares))]
