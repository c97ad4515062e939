"""Exceptions for rules that OpenAPI can't express, so that schemathesis can't know them, each with its reason.

No other failure is ignored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure, ServerError
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData

from webapp.controllers.http.idempotency_key import MAX_LENGTH, read_key
from webapp.errors import MalformedIdempotencyKey

Excuse = Callable[[Failure, schemathesis.Case, Response], bool]

#: The model that may be unloaded; other operations need all other models.
SPARE = "spare"
#: Parts of the errors about tensors and tables whose parts don't fit together. To JSON Schema 1.0 is an integer, but it
#: is not a valid size.
SHAPES = (
    b"as its shape says",
    b"must have values of",
    b"have a shape of one to",
    b"tensor of the shape",
    b"Send a tensor for each of its inputs",
    b"The table has no column for",
    b"is not an input of this model.",
    b"for each of its columns",
    b"have the same length",
    b"Send 1 to",
    # The allowed values of a tensor depend on its position or its name.
    b"Instance ",
)
#: Tree models compute in 32 bits and overflow above this number.
LARGE = 3e38


@schemathesis.serializer("text/csv")
def as_it_is(_: object, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@schemathesis.hook
def before_call(_: object, case: schemathesis.Case, __: object) -> None:
    """Make each well-formed Idempotency-Key unique, as the document demands, and unload only the spare model."""
    sent = case.headers.get("Idempotency-Key")
    if isinstance(sent, str):
        case.headers["Idempotency-Key"] = _new(sent)
    if case.path.endswith("load") and case.path_parameters.get("name") in ("penguins", "pair", "letters"):
        case.path_parameters["name"] = SPARE


def _new(key: str) -> str:
    try:
        read_key(key)
    except MalformedIdempotencyKey:
        return key
    mark = f"-{uuid4()}"
    if not key.startswith('"'):
        return key[: MAX_LENGTH - len(mark)] + mark
    return f'"{mark}"' if len(key) > 200 else f'{key[:-1]}{mark}"'


@schemathesis.hook
def filter_failure(_: object, failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    return not any(excuse(failure, case, response) for excuse in EXCUSES)


def explains_a_list(failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    """A list can't be explained: OpenAPI can't restrict the body by a parameter."""
    explaining = str((case.query or {}).get("explain")).lower() == "true"
    return _is_rejection(failure, response, 422) and explaining and isinstance(_inputs(case), list)


def ends_before_it_begins(failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    """OpenAPI can't restrict one parameter by another."""
    query = case.query or {}
    return _is_rejection(failure, response, 422) and str(query.get("from")) > str(query.get("to"))


def does_not_fill_its_shape(failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    """OpenAPI can't demand columns of one length or data that fill a shape, nor describe what bytes and CSV hold."""
    is_about_shapes = case.media_type != "application/json" or any(words in response.content for words in SHAPES)
    return _is_rejection(failure, response, 400) and case.path.endswith(("/infer", "/invocations")) and is_about_shapes


def is_beyond_numbers(failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    """A model that overflows fails, which is recorded and answered with 500, as the document says."""
    failed = (
        isinstance(failure, ServerError) and response.status_code == 500 and b"failure is recorded" in response.content
    )
    return failed and any(abs(number) > LARGE for number in _numbers(case.body))


def is_unworkable(failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    """A value on which the model fails, often for its size, is refused by the name of its input."""
    return isinstance(failure, RejectedPositiveData) and b"can't work with this value of" in response.content


def is_too_large(failure: Failure, case: schemathesis.Case, response: Response) -> bool:
    """A body with too many long texts is refused as too large before the texts are counted."""
    return isinstance(failure, AcceptedNegativeData) and response.status_code == 413


EXCUSES: tuple[Excuse, ...] = (
    explains_a_list,
    ends_before_it_begins,
    does_not_fill_its_shape,
    is_beyond_numbers,
    is_unworkable,
    is_too_large,
)


def _is_rejection(failure: Failure, response: Response, status: int) -> bool:
    return isinstance(failure, RejectedPositiveData) and response.status_code == status


def _inputs(case: schemathesis.Case) -> Any:
    return case.body.get("inputs") if isinstance(case.body, dict) else None


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, int | float):
        yield math.inf if abs(value) > LARGE else float(value)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _numbers(each)
