"""Adding what probing showed about inputs on which the estimator itself shows nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from webapp.types import Feature, Probed, Signature


def with_probed(signature: Signature, probed: Mapping[str, Probed]) -> Signature:
    """Return the signature with the kinds that probing showed for unknown inputs; known inputs stay as they are."""
    return replace(signature, features=tuple(_feature(each, probed.get(each.name)) for each in signature.features))


def _feature(feature: Feature, probed: Probed | None) -> Feature:
    if probed is None or not feature.unknown:
        return feature
    if probed == "boolean":
        return replace(feature, kind="boolean", choices=(False, True), choices_source="trying", probed=probed)
    return replace(feature, kind="text", probed=probed)
