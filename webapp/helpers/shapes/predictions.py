"""Answers, and the records of them."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from webapp.helpers.shapes.explanations import Explanations
from webapp.helpers.shapes.notices import Notice, Warnings
from webapp.helpers.shapes.scalars import Cursor, Id, Moment, NullableMoment
from webapp.types import Channel, Status


class ListedAnswer(TypedDict):
    """The answer to one instance of a list."""

    id: Id
    prediction: Any
    probabilities: NotRequired[Any]
    warnings: Warnings


class Answer(TypedDict):
    """The answer to one instance."""

    id: Id
    model: str
    version: str
    prediction: Any
    probabilities: NotRequired[Any]
    warnings: Warnings
    explanations: NotRequired[Explanations]
    created_at: Moment


class Answers(TypedDict):
    """The answer to a list of instances."""

    model: str
    version: str
    predictions: Annotated[list[ListedAnswer], Field(description="In the order of the instances.")]


class Record(TypedDict):
    """One prediction as it is stored."""

    id: Id
    created_at: Moment
    model: str
    version: str
    digest: Annotated[str, Field(description="The SHA-256 of the model file that answered.")]
    channel: Annotated[str, Field(description="The protocol of the request.", json_schema_extra={"enum": [*Channel]})]
    actor: str | None
    request_id: str
    status: Status
    inputs: dict[str, Any] | None
    prediction: Any
    probabilities: Any
    errors: list[Notice]
    warnings: list[Notice]
    duration: Annotated[float, Field(description="Seconds that the model took, for all instances in the same call.")]
    read_as: Annotated[
        str | None,
        Field(description="The version of scikit-learn that made the model and the one that answered, if they differ."),
    ]
    code: Annotated[str | None, Field(description="A digest of your own code that the model ran with, if it uses any.")]
    explanations: NotRequired[Explanations]


class Page(TypedDict):
    """One page of the records that match."""

    predictions: list[Record]
    cursor: Cursor
    looked_to: Annotated[NullableMoment, Field(description="How far the search got before it reached its time limit.")]


class Export(TypedDict):
    """All records that match."""

    predictions: list[Record]
    cursor: Cursor
    incomplete: Annotated[str | None, Field(description="Why records are missing; null when the export is complete.")]
