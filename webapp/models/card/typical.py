"""What the card's reference distributions tell of the usual case."""

from __future__ import annotations

from dataclasses import replace

from webapp.models.card import Card
from webapp.models.card.fields import CardInput, NumberReference
from webapp.types import Feature, Signature, Value


def with_typical(signature: Signature, card: Card) -> Signature:
    """Give a signature whose features know what is typical of the sample, where the estimator tells nothing."""
    inputs = {each.name: each for each in card.signature.inputs} if card.signature else {}
    features = (_with_usual(feature, inputs.get(feature.name)) for feature in signature.features)
    return replace(signature, features=tuple(features))


def _with_usual(feature: Feature, noted: CardInput | None) -> Feature:
    usual = _usual(noted) if noted and noted.kind == feature.kind else None
    return replace(feature, typical=usual) if feature.typical is None and usual is not None else feature


def _usual(noted: CardInput) -> Value:
    reference = noted.reference
    if reference is None or not reference.shares:
        return None
    if isinstance(reference, NumberReference):
        # The bins hold equal parts, so the bound in their middle is about the median.
        return reference.bounds[len(reference.bounds) // 2] if reference.bounds else None
    if len(reference.shares) != len(noted.choices) or not any(reference.shares):
        return None
    return noted.choices[reference.shares.index(max(reference.shares))]
