"""The error responses, in the shape of each protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp.helpers.openapi.builders import object_schema, ref, response
from webapp.helpers.openapi.described import Json

COMPONENT_NAMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    413: "TooLarge",
    415: "UnsupportedMediaType",
    422: "Unprocessable",
    429: "TooManyRequests",
    500: "Failed",
    503: "Unavailable",
}
MEANINGS = {
    400: "The body is invalid JSON or isn't compressed as Content-Encoding says, or the Idempotency-Key is invalid.",
    401: "No API key was sent, or it is invalid, revoked or expired.",
    403: "The API key lacks the role for this, or a page of another site sent the request.",
    404: "There is no such model, version, prediction or address.",
    409: "A request with this Idempotency-Key is still running.",
    413: "The body is larger than MAX_CONTENT_LENGTH.",
    415: "The body was not sent as application/json, or its compression is not supported.",
    422: "The input or a parameter is invalid, or the Idempotency-Key was used for another request.",
    429: "There were too many requests. Retry-After says when to try again.",
    500: "The model failed on this input. The record has the status `failed`.",
    503: "The request can't be answered or recorded right now. Retry-After, if present, says when to try again.",
}
#: Statuses after which the same request may succeed later.
RETRYABLE_STATUSES = (409, 429, 503)


@dataclass(frozen=True, kw_only=True)
class ErrorShape:
    """The error responses of one protocol."""

    #: Prefix of the names of its components.
    prefix: str
    #: Returns the schema of the body for a status.
    body: Callable[[int], Json]
    meanings: Mapping[int, str]

    def components(self) -> Json:
        """Return the response of each status by its component name."""
        return {self.prefix + COMPONENT_NAMES[status]: self._response(status) for status in self.meanings}

    def responses(self, *statuses: int) -> Json:
        """Return references to the responses of these statuses."""
        return {str(status): ref(self.prefix + COMPONENT_NAMES[status], "responses") for status in statuses}

    def _response(self, status: int) -> Json:
        error = response(self.meanings[status], self.body(status))
        if status in RETRYABLE_STATUSES:
            error["headers"]["Retry-After"] = ref("RetryAfter", "headers")
        return error


def _native_body(status: int) -> Json:
    return ref("Error") | {"properties": {"status": {"const": status}}}


NATIVE = ErrorShape(prefix="", body=_native_body, meanings=MEANINGS)

#: The body of an error in KServe V1 and the Open Inference Protocol.
SENTENCE_SCHEMA = object_schema({"error": {"type": "string", "description": "What is wrong, in a sentence."}})


def protocol_meanings() -> dict[int, str]:
    """Return the meanings for a protocol without 422, where invalid input is 400."""
    meanings = {status: meaning for status, meaning in MEANINGS.items() if status != 422}
    return meanings | {
        400: "The body or the input is invalid, or the Idempotency-Key is invalid or was used for another request.",
        415: "The compression of the body is not supported.",
    }
