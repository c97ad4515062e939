"""The schemas of JSON answers, read from their shapes."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from webapp.helpers import shapes
from webapp.helpers.openapi.described import Json

#: The components of the document that are the same whatever is served.
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
    """Leaves out the titles that pydantic makes of names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@cache
def components() -> Json:
    """Return the schema of each shape, and of those inside it, by name."""
    adapters = [(shape, "serialization", TypeAdapter(shape)) for shape in COMPONENTS]
    _, definitions = TypeAdapter.json_schemas(
        adapters,  # type: ignore[arg-type]
        ref_template="#/components/schemas/{model}",
        schema_generator=_Untitled,
    )
    found: Json = definitions["$defs"]
    return {name: {key: value for key, value in schema.items() if key != "title"} for name, schema in found.items()}


def member(shape: str, name: str) -> Json:
    """Return the schema of one member of a shape."""
    found: Json = components()[shape]["properties"][name]
    return found
