"""The content of the page /docs, read from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from webapp.helpers.formatting import words
from webapp.helpers.openapi.builders import JSON
from webapp.helpers.openapi.described import MODEL_TAG_PREFIX, PREDICT_SUMMARY, Json
from webapp.helpers.openapi.schema_words import allowed_values

METHODS = ("get", "post")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One input, or one field of an answer."""

    name: str
    title: str
    values: str
    hint: str
    #: What happens when an optional input is left out; empty for a required one.
    if_left_out: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    """A method and a path, with a summary of what they do."""

    method: str
    path: str
    summary: str


@dataclass(frozen=True, kw_only=True)
class ModelSection:
    """How to request predictions from one model."""

    title: str
    about: str
    path: str
    inputs: tuple[Row, ...]
    #: A complete request body; None if no example is known.
    example: Json | None
    answer: tuple[Row, ...]
    addresses: tuple[Address, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """The addresses of one tag."""

    name: str
    about: str
    addresses: tuple[Address, ...]
    #: A path and a complete request body for it; None if no address of the group has an example.
    example: tuple[str, Json] | None


def model_sections(document: Json) -> list[ModelSection]:
    """Return a section for each model of the document."""
    return [
        _section(document, path, item["post"])
        for path, item in document["paths"].items()
        if path.endswith("/predict") and "{" not in path and "post" in item
    ]


def groups(document: Json) -> list[Group]:
    """Return all other addresses, grouped by tag."""
    return [_group(document, tag) for tag in document["tags"] if not tag["name"].startswith(MODEL_TAG_PREFIX)]


def errors(document: Json) -> list[tuple[int, str]]:
    """Return each error status of the native API with its meaning."""
    responses = document["components"]["responses"].values()
    return sorted((status, response["description"]) for response in responses if (status := _error_status(response)))


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
            for example in _example_bodies(operation):
                yield path, example


def _example_bodies(operation: Json) -> list[Json]:
    content = operation.get("requestBody", {"content": {}})["content"].get(JSON, {})
    return [example["value"] for example in content.get("examples", {}).values()]


def _section(document: Json, path: str, operation: Json) -> ModelSection:
    body = operation["requestBody"]["content"][JSON]
    instance = body["schema"]["properties"]["inputs"]["oneOf"][0]
    answer = operation["responses"]["200"]["content"][JSON]["schema"]["oneOf"][0]
    return ModelSection(
        title=operation["summary"].removeprefix(PREDICT_SUMMARY),
        about=operation["description"],
        path=path,
        inputs=_rows(document, instance),
        example=next(iter(_example_bodies(operation)), None),
        answer=_rows(document, answer),
        addresses=_addresses(document, operation["tags"][0]),
    )


def _rows(document: Json, schema: Json) -> tuple[Row, ...]:
    object_schema = _resolved(document, schema)
    required = set(object_schema.get("required", ()))
    members = ((name, _resolved(document, member)) for name, member in object_schema["properties"].items())
    return tuple(
        Row(
            name=name,
            title=member.get("title", ""),
            values=allowed_values(member),
            # A description may mark code with the backticks of CommonMark.
            hint=member.get("description", "").replace("`", ""),
            if_left_out="" if name in required else _if_left_out(member),
        )
        for name, member in members
    )


def _resolved(document: Json, schema: Json) -> Json:
    """Return the component that a reference names; return any other schema unchanged."""
    if "$ref" not in schema:
        return schema
    component: Json = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return component


def _if_left_out(schema: Json) -> str:
    return f"filled in as {words(schema['default'])}" if "default" in schema else "treated as missing"


def _error_status(response: Json) -> int:
    """Return the status that the body of an error of the native API holds; 0 for other responses."""
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    return int(schema.get("properties", {}).get("status", {}).get("const", 0))
