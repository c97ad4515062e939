"""Writes a signature into a card."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.models.card.fields import CardInput, CardSignature, CategoryReference, NumberReference
from webapp.types import Feature, Signature

References = Mapping[str, NumberReference | CategoryReference]


def card_signature(signature: Signature, references: References) -> CardSignature:
    """Return a signature as a card stores it, with the reference distributions of its inputs."""
    return CardSignature(
        task=signature.task,
        inputs=[_input(feature, references) for feature in signature.features],
        outputs=[{"name": output.name, "classes": list(output.classes)} for output in signature.outputs],
        probabilities=signature.probabilities,
    )


def _input(feature: Feature, references: References) -> CardInput:
    span = feature.range
    return CardInput(
        name=feature.name,
        kind=feature.kind,
        optional=feature.optional,
        choices=list(feature.choices),
        default=feature.default,
        range={"low": span.low, "high": span.high, "exact": span.exact} if span else None,
        reference=references.get(feature.name),
    )
