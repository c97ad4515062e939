"""Typical instances, made up from a signature."""

from __future__ import annotations

import math

from webapp.types import Feature, Instance, Range, Signature, Value


def example(signature: Signature) -> Instance:
    """Return an instance of typical values where they are known, and of made-up ones elsewhere."""
    return {feature.name: example_value(feature) for feature in signature.features}


def typical_case(signature: Signature) -> Instance:
    """Return typical values of the features about which something is known; empty if only choices are known.

    Where the frequencies of the choices are unknown, the first choice is used.
    """
    if not any(_is_known(feature) for feature in signature.features):
        return {}
    return {each.name: example_value(each) for each in signature.features if _is_known(each) or each.choices}


def _is_known(feature: Feature) -> bool:
    return any(each is not None for each in (feature.typical, feature.range, feature.default))


def example_value(feature: Feature) -> Value:
    """Return a typical value of a feature."""
    if feature.is_number:
        return _number(feature)
    if not feature.has_choices:
        return _text(feature)
    candidates = (feature.typical, feature.default, *feature.choices)
    return next((value for value in candidates if value is not None and _is_choice(value, feature)), None)


def _text(feature: Feature) -> Value:
    if feature.default is not None:
        return feature.default
    made_up = {"date": "2024-01-15", "datetime": "2024-01-15T12:00:00"}.get(feature.kind, "text")
    return feature.suggestions[0] if feature.suggestions else made_up


def _is_choice(value: Value, feature: Feature) -> bool:
    return any(type(value) is type(choice) and value == choice for choice in feature.choices)


def _number(feature: Feature) -> float:
    span = feature.range
    middle = (span.low + span.high) / 2 if span else None
    known = next((each for each in (feature.typical, middle, feature.default) if each is not None), 0.0)
    value = float(known) if not isinstance(known, str) else 0.0
    return _rounded(value, span, whole=feature.kind == "integer")


def _rounded(value: float, span: Range | None, *, whole: bool) -> float:
    """Round to about three significant digits of the range (or of the value, if there is none); stay within it."""
    width = span.high - span.low if span else abs(value)
    decimals = 0 if whole or not width else min(2 - math.floor(math.log10(width)), 300)
    rounded = round(value, decimals)
    return min(max(rounded, span.low), span.high) if span else rounded
