"""A made-up instance that fits a signature."""

from __future__ import annotations

from webapp.types import Feature, Instance, Signature, Value


def example(signature: Signature) -> Instance:
    """Make an instance of defaults, first choices and middles of ranges."""
    return {feature.name: _value(feature) for feature in signature.features}


def _value(feature: Feature) -> Value:
    if feature.default is not None:
        return feature.default
    if feature.choices:
        return feature.choices[0]
    if feature.kind == "text":
        return "text"
    return (feature.range.low + feature.range.high) / 2 if feature.range else 0.0
