"""Whether the service can predict and record."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from webapp.helpers.shapes.scalars import Count


class SpoolStatus(TypedDict):
    """The predictions on this machine that are not in the database yet."""

    rows: Count
    seconds: float
    set_aside: Count


class Readiness(TypedDict):
    """Whether predictions can be made and recorded."""

    status: Literal["ready", "degraded", "not ready"]
    reasons: Annotated[list[str], Field(description="What is wrong, although predictions are made and recorded.")]
    models: Count
    unserved: Count
    recording: Literal["database", "spool"] | None
    spool: Annotated[SpoolStatus | None, Field(description="null if the spool can't be read.")]
