"""The small parts that a document is put together from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from webapp.helpers.openapi.described import Json

JSON = "application/json"


def ref(name: str, kind: str = "schemas") -> Json:
    """Point to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def key(name: str) -> str:
    """Give a name as the key of a component may be written; each other character becomes its code."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}_" if found[0] != "_" else "__", name)


def record(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None, **more: Any) -> Json:
    """Describe an object by its members."""
    schema: Json = {"type": "object", "properties": {**required, **(optional or {})}}
    return schema | ({"required": list(required)} if required else {}) | more


def array(items: Any, **more: Any) -> Json:
    """Describe a list."""
    return {"type": "array", "items": items, **more}


def nullable(kind: str, **more: Any) -> Json:
    """Describe a value that may be null."""
    return {"type": [kind, "null"], **more}


def answer(description: str, schema: Any, media: str = JSON) -> Json:
    """Describe an answer that has a body."""
    headers = {"X-Request-ID": ref("RequestId", "headers")}
    return {"description": description, "headers": headers, "content": {media: {"schema": schema}}}


def body(schema: Any, examples: Mapping[str, Any] | None = None) -> Json:
    """Describe the JSON that a request holds, with whole bodies to begin with, by what they are called."""
    named = {f"case{place}": {"summary": title, "value": value} for place, (title, value) in _numbered(examples)}
    return {"required": True, "content": {JSON: {"schema": schema} | ({"examples": named} if named else {})}}


def _numbered(examples: Mapping[str, Any] | None) -> Iterator[tuple[int, tuple[str, Any]]]:
    return enumerate((examples or {}).items(), 1)


def operation(
    id: str, tag: str, summary: str, responses: Mapping[str, Any], parameters: Sequence[Json] = (), **more: Any
) -> Json:
    """Describe what one method of one address does."""
    named = {"parameters": [*parameters, ref("RequestId", "parameters")]}
    return {"operationId": id, "tags": [tag], "summary": summary} | more | named | {"responses": dict(responses)}


def in_path(name: str, description: str, **schema: Any) -> Json:
    """Describe a part of an address."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def in_query(name: str, description: str, **schema: Any) -> Json:
    """Describe a parameter that may stand behind an address."""
    return {"name": name, "in": "query", "description": description, "schema": schema}
