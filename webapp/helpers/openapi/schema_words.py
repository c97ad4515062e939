"""Which values a JSON schema allows, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from webapp.helpers.formatting import listing, number

#: Maximum number of values that are listed; more are only counted.
MAX_LISTED = 12
TYPE_WORDS = {
    "number": "a number",
    "integer": "a whole number",
    "string": "a text",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}


def allowed_values(schema: Mapping[str, Any]) -> str:
    """Return in words which values a schema allows."""
    if "const" in schema:
        return _as_json(schema["const"])
    if "enum" in schema:
        return _choices(schema["enum"])
    if "anyOf" in schema:
        return listing([allowed_values(option) for option in schema["anyOf"] if option.get("type") != "null"])
    if "prefixItems" in schema:
        return "a list: " + "; ".join(map(allowed_values, schema["prefixItems"]))
    if schema.get("properties"):
        return _members(schema["properties"])
    types = schema.get("type", "any value")
    return listing([TYPE_WORDS.get(type, type) for type in ([types] if isinstance(types, str) else types)])


def _choices(choices: list[Any]) -> str:
    if len(choices) <= MAX_LISTED:
        return listing([*map(_as_json, choices)])
    return f"one of {number(len(choices))} known values"


def _members(properties: Mapping[str, Any]) -> str:
    names = ", ".join(map(_as_json, properties)) if len(properties) <= MAX_LISTED else number(len(properties))
    types = listing(list(dict.fromkeys(map(allowed_values, properties.values()))))
    return f"{types} for each of {names}"


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
