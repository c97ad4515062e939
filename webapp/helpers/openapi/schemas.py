"""The schemas of JSON answers, generated from their shapes."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from webapp.helpers import shapes
from webapp.helpers.openapi.builders import array
from webapp.helpers.openapi.described import Json

#: The components that don't depend on the models.
COMPONENTS = (
    shapes.Notice,
    shapes.Error,
    shapes.Record,
    shapes.Page,
    shapes.Export,
    shapes.Models,
    shapes.ModelDescription,
    shapes.VersionDescription,
    shapes.Readiness,
    shapes.Answer,
    shapes.Answers,
)


class _Untitled(GenerateJsonSchema):
    """A generator of schemas without the titles that pydantic derives from names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@cache
def components() -> Json:
    """Return by name the schema of each shape and of the shapes inside it."""
    adapters = [(shape, "serialization", TypeAdapter(shape)) for shape in COMPONENTS]
    _, definitions = TypeAdapter.json_schemas(
        adapters,  # type: ignore[arg-type]
        ref_template="#/components/schemas/{model}",
        schema_generator=_Untitled,
    )
    schemas: Json = definitions["$defs"]
    return {name: {key: value for key, value in schema.items() if key != "title"} for name, schema in schemas.items()}


def records_schema() -> Json:
    """Build the schemas of what other servers' protocols say about records."""
    return {
        "prediction_ids": array(member("Record", "id")),
        "warnings": array(array({"type": "string"}), description="For each instance, warnings to check."),
    }


def member(shape: str, name: str) -> Json:
    """Return the schema of one member of a shape."""
    schema: Json = components()[shape]["properties"][name]
    return schema
