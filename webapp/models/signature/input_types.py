"""What is known of the type of an input from elsewhere: from testing the model, from a sample, or from its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from webapp.types import Feature, InputType, Signature, TypeSource


def with_input_types(signature: Signature, types: Mapping[str, InputType], source: TypeSource) -> Signature:
    """Return the signature with these types of inputs; testing never changes an input that is known."""
    return replace(
        signature, features=tuple(_feature(each, types.get(each.name), source) for each in signature.features)
    )


def _feature(feature: Feature, told: InputType | None, source: TypeSource) -> Feature:
    if told is None or (source == "testing" and not feature.unknown):
        return feature
    if told.kind == "category" and feature.choices:
        # The model's own choices have the types that it was fitted on.
        return replace(feature, guessed=False, source=source)
    choices = {"boolean": (False, True), "category": told.choices}.get(told.kind, ())
    is_number = told.kind in ("number", "integer")
    return replace(
        feature,
        kind=told.kind,
        dtype=told.dtype,
        choices=choices,
        suggestions=told.choices if told.kind == "text" else (),
        range=feature.range if is_number else None,
        usual=feature.usual if is_number else None,
        flag=feature.flag and is_number,
        splits=feature.splits if is_number else None,
        typical=feature.typical if is_number else None,
        guessed=told.guessed,
        source=source,
    )


def types_json(types: Mapping[str, InputType]) -> dict[str, Any]:
    """Return types as JSON values."""
    return {name: asdict(each) for name, each in types.items()}


def read_types(found: Mapping[str, Any]) -> dict[str, InputType]:
    """Return the types of ``types_json``."""
    return {name: InputType(**{**each, "choices": tuple(each["choices"])}) for name, each in found.items()}
