"""The content of the page /docs and of the page of each model below it, read from OpenAPI documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

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
    #: Complete instances, the first of them a typical case; empty if no example is known.
    cases: tuple[Json, ...]
    answer: tuple[Row, ...]
    #: Each error status of the address with its meaning.
    errors: tuple[tuple[int, str], ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """The addresses of one tag."""

    name: str
    about: str
    addresses: tuple[Address, ...]
    #: A path and a complete request body for it; None if no address of the group has an example.
    example: tuple[str, Json] | None


def model_section(document: Json) -> ModelSection:
    """Return how to call the only model of a document."""
    return next(
        _section(document, path, item["post"])
        for path, item in document["paths"].items()
        if path.endswith("/predict") and "{" not in path and "post" in item
    )


def table(section: ModelSection) -> dict[str, list[Any]]:
    """Return a few cases as the columns of a table; the last case has a blank, if the model accepts one."""
    rows = (section.cases * 2)[: max(2, len(section.cases))]
    blank = {row.name: None for row in section.inputs if row.if_left_out}
    last = rows[-1] | dict(list(blank.items())[:1])
    return {row.name: [case.get(row.name) for case in (*rows[:-1], last)] for row in section.inputs}


def groups(document: Json, without: Collection[str] = ()) -> list[Group]:
    """Return the addresses of a document, grouped by tag, except those of which others tell already."""
    found = (_group(document, tag, without) for tag in document["tags"])
    return [group for group in found if group.addresses]


def errors(document: Json) -> list[tuple[int, str]]:
    """Return each error status of the native API with its meaning."""
    return _meanings(document["components"]["responses"].values())


def _meanings(responses: Collection[Json]) -> list[tuple[int, str]]:
    return sorted((status, response["description"]) for response in responses if (status := _error_status(response)))


def _operations(document: Json, tag: str, without: Collection[str]) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if path not in without and method in item and item[method]["tags"][0] == tag:
                yield path, item[method] | {"method": method.upper()}


def _group(document: Json, tag: Json, without: Collection[str]) -> Group:
    operations = [*_operations(document, tag["name"], without)]
    return Group(
        name=tag["name"].removeprefix(MODEL_TAG_PREFIX),
        about=tag["description"],
        addresses=tuple(
            Address(method=operation["method"], path=path, summary=operation["summary"])
            for path, operation in operations
        ),
        example=next(_examples(operations), None),
    )


def _examples(operations: Collection[tuple[str, Json]]) -> Iterator[tuple[str, Json]]:
    for path, operation in operations:
        if "{" not in path:
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
        cases=tuple(body["inputs"] for body in _example_bodies(operation) if isinstance(body["inputs"], dict)),
        answer=_rows(document, answer),
        errors=tuple(_meanings([_resolved(document, response) for response in operation["responses"].values()])),
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
    kind, name = schema["$ref"].rsplit("/", 2)[1:]
    component: Json = document["components"][kind][name]
    return component


def _if_left_out(schema: Json) -> str:
    return f"filled in as {words(schema['default'])}" if "default" in schema else "treated as missing"


def _error_status(response: Json) -> int:
    """Return the status that the body of an error of the native API holds; 0 for other responses."""
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    return int(schema.get("properties", {}).get("status", {}).get("const", 0))
