"""Errors and warnings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class Notice(TypedDict):
    """A sentence about one place in the input."""

    loc: Annotated[
        list[str | int], Field(description="The place in the input, from the outermost part to the innermost.")
    ]
    msg: str


class Error(TypedDict):
    """The error of a request that can't be answered."""

    error: Annotated[str, Field(description="What is wrong, in a sentence.")]
    errors: Annotated[
        list[Notice],
        Field(description="The first 20 errors in the input, each with its place; then how many more there are."),
    ]
    status: int
    request_id: str


Warnings = Annotated[
    list[Notice], Field(description="Warnings to check before relying on the answer, each a sentence with its place.")
]
