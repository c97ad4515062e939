"""Builders for the parts of an OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from webapp.helpers.openapi.described import Json

JSON = "application/json"


def ref(name: str, kind: str = "schemas") -> Json:
    """Build a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def component_key(name: str) -> str:
    """Return a name as a component key: “_” and the hexadecimal code replace each character that keys can't hold."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda match: f"_{ord(match[0]):x}_" if match[0] != "_" else "__", name)


def object_schema(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None, **more: Any) -> Json:
    """Build the schema of an object from the schemas of its members."""
    schema: Json = {"type": "object", "properties": {**required, **(optional or {})}}
    return schema | ({"required": list(required)} if required else {}) | more


def array(items: Any, **more: Any) -> Json:
    """Build the schema of a list."""
    return {"type": "array", "items": items, **more}


def nullable(kind: str, **more: Any) -> Json:
    """Build the schema of a value that may be null."""
    return {"type": [kind, "null"], **more}


def response(description: str, schema: Any, media: str = JSON) -> Json:
    """Build a response that has a body."""
    headers = {"X-Request-ID": ref("RequestId", "headers")}
    return {"description": description, "headers": headers, "content": {media: {"schema": schema}}}


def request_body(schema: Any, examples: Mapping[str, Any] | None = None) -> Json:
    """Build a JSON request body; ``examples`` are complete bodies by title."""
    examples_by_key = {
        f"case{place}": {"summary": title, "value": value} for place, (title, value) in _numbered(examples)
    }
    return {
        "required": True,
        "content": {JSON: {"schema": schema} | ({"examples": examples_by_key} if examples_by_key else {})},
    }


def _numbered(examples: Mapping[str, Any] | None) -> Iterator[tuple[int, tuple[str, Any]]]:
    return enumerate((examples or {}).items(), 1)


def operation(
    id: str, tag: str, summary: str, responses: Mapping[str, Any], parameters: Sequence[Json] = (), **more: Any
) -> Json:
    """Build the operation of one method of a path."""
    all_parameters = {"parameters": [*parameters, ref("RequestId", "parameters")]}
    return (
        {"operationId": id, "tags": [tag], "summary": summary} | more | all_parameters | {"responses": dict(responses)}
    )


def path_parameter(name: str, description: str, **schema: Any) -> Json:
    """Build a parameter in the path of an address."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def query_parameter(name: str, description: str, **schema: Any) -> Json:
    """Build an optional parameter in the query of an address."""
    return {"name": name, "in": "query", "description": description, "schema": schema}
