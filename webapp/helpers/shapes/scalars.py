"""Values that several shapes have."""

from __future__ import annotations

from typing import Annotated

from annotated_types import Ge
from pydantic import Field, WithJsonSchema

Count = Annotated[int, Ge(0)]
Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid", "description": "The id of the record."})]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
NullableMoment = Annotated[Moment | None, WithJsonSchema({"type": ["string", "null"], "format": "date-time"})]
Cursor = Annotated[str | None, Field(description="Where the next page begins; null on the last page.")]
