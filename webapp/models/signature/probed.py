"""What trying told about the inputs that nothing in an estimator tells about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from webapp.types import Feature, Probed, Signature


def with_probed(signature: Signature, probed: Mapping[str, Probed]) -> Signature:
    """Give the signature in which unknown inputs are what they turned out to take; what is known stays."""
    return replace(signature, features=tuple(_feature(each, probed.get(each.name)) for each in signature.features))


def _feature(feature: Feature, probed: Probed | None) -> Feature:
    if probed is None or not feature.unknown:
        return feature
    if probed == "boolean":
        return replace(feature, kind="boolean", choices=(False, True), choices_source="trying", probed=probed)
    return replace(feature, kind="text", probed=probed)
