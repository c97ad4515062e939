"""Reads a document aloud: what the page for people shows of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.helpers.formatting import listing, number, words
from webapp.helpers.openapi.builders import JSON
from webapp.helpers.openapi.described import OF_A_MODEL, Json

METHODS = ("get", "post")
#: More values than this are counted, not listed.
MAX_LISTED = 12
#: What a value of each type is called.
KINDS = {
    "number": "a number",
    "integer": "a whole number",
    "string": "a text",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One input, or one part of an answer."""

    name: str
    title: str
    values: str
    hint: str
    left_out: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    """One thing that can be asked for."""

    method: str
    path: str
    summary: str


@dataclass(frozen=True, kw_only=True)
class ModelSection:
    """How one model is asked."""

    title: str
    about: str
    path: str
    inputs: tuple[Row, ...]
    #: The body to send first; None where no whole instance is known.
    example: Json | None
    answer: tuple[Row, ...]
    addresses: tuple[Address, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Addresses that belong together."""

    name: str
    about: str
    addresses: tuple[Address, ...]
    #: Where to send a body first, and which; None where nothing is sent.
    example: tuple[str, Json] | None


def model_sections(document: Json) -> list[ModelSection]:
    """Give each model whose predictions the document tells how to ask for."""
    asked = [(path, item["post"]) for path, item in document["paths"].items() if _asks(path, item)]
    return [_section(document, path, operation) for path, operation in asked]


def groups(document: Json) -> list[Group]:
    """Give all other addresses, by what they are for."""
    return [_group(document, tag) for tag in document["tags"] if not tag["name"].startswith(OF_A_MODEL)]


def errors(document: Json) -> list[tuple[int, str]]:
    """Give each status of the service's own errors with what it means."""
    responses = document["components"]["responses"].values()
    return sorted((_status(each), each["description"]) for each in responses if _status(each))


def _asks(path: str, item: Json) -> bool:
    return path.endswith("/predict") and "{" not in path and "post" in item


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, item[method] | {"method": method.upper()}


def _addresses(document: Json, tag: str) -> tuple[Address, ...]:
    return tuple(
        Address(method=operation["method"], path=path, summary=operation["summary"])
        for path, operation in _operations(document)
        if operation["tags"][0] == tag
    )


def _group(document: Json, tag: Json) -> Group:
    return Group(
        name=tag["name"],
        about=tag["description"],
        addresses=_addresses(document, tag["name"]),
        example=next(_examples(document, tag["name"]), None),
    )


def _examples(document: Json, tag: str) -> Iterator[tuple[str, Json]]:
    for path, operation in _operations(document):
        if operation["tags"][0] == tag and "{" not in path:
            for example in _bodies(operation):
                yield path, example


def _bodies(operation: Json) -> list[Json]:
    """Give whole bodies to begin with."""
    content = operation.get("requestBody", {"content": {}})["content"].get(JSON, {})
    return [each["value"] for each in content.get("examples", {}).values()]


def _section(document: Json, path: str, operation: Json) -> ModelSection:
    body = operation["requestBody"]["content"][JSON]
    one = body["schema"]["properties"]["inputs"]["oneOf"][0]
    answer = operation["responses"]["200"]["content"][JSON]["schema"]["oneOf"][0]
    bodies = _bodies(operation)
    return ModelSection(
        title=operation["summary"].removeprefix("Ask "),
        about=operation["description"],
        path=path,
        inputs=_rows(document, one),
        example=bodies[0] if bodies else None,
        answer=_rows(document, answer),
        addresses=_addresses(document, operation["tags"][0]),
    )


def _rows(document: Json, schema: Json) -> tuple[Row, ...]:
    found = _resolved(document, schema)
    needed = set(found.get("required", ()))
    return tuple(
        Row(
            name=name,
            title=each.get("title", ""),
            values=values(each),
            # A description may hold the marks of CommonMark for code.
            hint=each.get("description", "").replace("`", ""),
            left_out="" if name in needed else _left_out(each),
        )
        for name, each in ((name, _resolved(document, each)) for name, each in found["properties"].items())
    )


def _resolved(document: Json, schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def values(schema: Mapping[str, Any]) -> str:
    """Say in words which values a schema takes."""
    if "const" in schema:
        return _written(schema["const"])
    if "enum" in schema:
        known = schema["enum"]
        return (
            listing([*map(_written, known)])
            if len(known) <= MAX_LISTED
            else f"one of {number(len(known))} known values"
        )
    if "anyOf" in schema:
        return listing([values(each) for each in schema["anyOf"] if each.get("type") != "null"])
    if "prefixItems" in schema:
        return "a list: " + "; ".join(values(each) for each in schema["prefixItems"])
    if schema.get("properties"):
        return _of_each(schema["properties"])
    kinds = schema.get("type", "any value")
    return listing([KINDS.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _of_each(properties: Mapping[str, Any]) -> str:
    named = [*map(_written, properties)]
    kinds = listing(list(dict.fromkeys(map(values, properties.values()))))
    return f"{kinds} for each of {', '.join(named) if len(named) <= MAX_LISTED else number(len(named))}"


def _left_out(schema: Mapping[str, Any]) -> str:
    return f"the model takes {words(schema['default'])}" if "default" in schema else "the model copes"


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _status(response: Json) -> int:
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    return int(schema.get("properties", {}).get("status", {}).get("const", 0))
