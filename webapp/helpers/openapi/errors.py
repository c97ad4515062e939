"""The error answers, in the shape of each protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp.helpers.openapi.builders import answer, record, ref
from webapp.helpers.openapi.described import Json

NAMES = {
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
    400: "The body is not sound JSON, not compressed as it says, or the Idempotency-Key is none.",
    401: "No key was sent, or it is not valid any more.",
    403: "The key has not the role for this, or the page of another site sent it.",
    404: "There is no such model, version, prediction or address.",
    409: "A request with this Idempotency-Key is still running.",
    413: "The body is larger than MAX_CONTENT_LENGTH.",
    415: "The body was not sent as application/json, or is compressed in a way that is not known here.",
    422: "The input is not what the model takes, or the Idempotency-Key belongs to another request.",
    429: "There were too many requests. Retry-After says when to try again.",
    500: "The model failed on this input, which is recorded as `failed`.",
    503: "It can't be answered or recorded right now. Retry-After says when to try again, where that helps.",
}
#: After these, trying again can help.
RETRIED = (409, 429, 503)


@dataclass(frozen=True, kw_only=True)
class ErrorShape:
    """How one protocol tells of an error."""

    #: What the names of its components begin with.
    prefix: str
    #: Gives the schema of the body that comes with a status.
    body: Callable[[int], Json]
    meanings: Mapping[int, str]

    def components(self) -> Json:
        """Give one response for each status, by its name."""
        return {self.prefix + NAMES[status]: self._response(status) for status in self.meanings}

    def responses(self, *statuses: int) -> Json:
        """Point to the responses for these statuses."""
        return {str(status): ref(self.prefix + NAMES[status], "responses") for status in statuses}

    def _response(self, status: int) -> Json:
        found = answer(self.meanings[status], self.body(status))
        if status in RETRIED:
            found["headers"]["Retry-After"] = ref("RetryAfter", "headers")
        return found


def _native_body(status: int) -> Json:
    return ref("Error") | {"properties": {"status": {"const": status}}}


NATIVE = ErrorShape(prefix="", body=_native_body, meanings=MEANINGS)

#: What the protocols without a 422 of their own say of errors.
SENTENCE = record({"error": {"type": "string", "description": "What is wrong, in a sentence."}})


def of_protocol() -> dict[int, str]:
    """Give the meanings for a protocol that knows no 422: what does not fit is 400 there."""
    told = {status: meaning for status, meaning in MEANINGS.items() if status != 422}
    return told | {
        400: "The body or the input is not what the model takes, or the Idempotency-Key is none or another request's.",
        415: "The body is compressed in a way that is not known here.",
    }
