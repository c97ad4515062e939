"""What trying told about the inputs that nothing in an estimator tells about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from webapp.types import Feature, Signature, Tried


def with_tried(signature: Signature, tried: Mapping[str, Tried]) -> Signature:
    """Give the signature in which unknown inputs are what they turned out to take; what is known stays."""
    return replace(signature, features=tuple(_feature(each, tried.get(each.name)) for each in signature.features))


def _feature(feature: Feature, tried: Tried | None) -> Feature:
    if tried is None or not feature.unknown:
        return feature
    if tried == "boolean":
        return replace(feature, kind="boolean", choices=(False, True), choices_source="trying", tried=tried)
    return replace(feature, kind="text", tried=tried)
