"""What the sample on a card tells about the values of the inputs."""

from __future__ import annotations

from dataclasses import replace

from webapp.models.card import Card
from webapp.models.card.fields import CardInput, NumberReference
from webapp.types import SAMPLE_SOURCE, Feature, Range, Signature, Value


def with_sample_values(signature: Signature, card: Card) -> Signature:
    """Return a signature with the ranges and few values of the sample, and typical values where the model has none."""
    inputs = {feature.name: feature for feature in card.signature.inputs} if card.signature else {}
    features = (_feature(feature, inputs.get(feature.name)) for feature in signature.features)
    return replace(signature, features=tuple(features))


def _feature(feature: Feature, on_card: CardInput | None) -> Feature:
    if on_card is None or on_card.kind != feature.kind:
        return feature
    if feature.typical is None:
        feature = replace(feature, typical=_typical(on_card))
    reference = on_card.reference
    if not isinstance(reference, NumberReference) or reference.low is None or reference.high is None:
        return feature
    known = feature.range
    if known and known.exact and known.low <= reference.low and reference.high <= known.high:
        low, high = known.low, known.high
    else:
        low, high = reference.low, reference.high
        feature = replace(feature, range=Range(low=low, high=high, exact=True, source=SAMPLE_SOURCE))
    # A wider range of the model has more values than the sample.
    values = tuple(reference.values) if (low, high) == (reference.low, reference.high) else ()
    is_flag = values == (0, 1)
    return replace(feature, flag=is_flag, suggestions=() if is_flag else values)


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
