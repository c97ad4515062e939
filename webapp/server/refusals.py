"""What the worker answers to a request that is not HTTP, in the shape of the service's other errors."""

from __future__ import annotations

import orjson
from gunicorn.http.errors import ExpectationFailed, LimitRequestHeaders, LimitRequestLine, ParseException

from webapp.helpers import shapes

REFUSALS: dict[type[Exception], tuple[int, str, str]] = {
    LimitRequestLine: (414, "URI Too Long", "The address is too long."),
    LimitRequestHeaders: (431, "Request Header Fields Too Large", "The headers are too large."),
    ExpectationFailed: (417, "Expectation Failed", "The service can't do what the header Expect asks for."),
}
#: Also for transfer codings that gunicorn doesn't know: a client must not be able to cause a 5xx at will.
MALFORMED = (400, "Bad Request", "The request can't be understood.")
FAILED = (500, "Internal Server Error", "Something went wrong inside Scoredesk.")


def refusal(error: Exception, request_id: str) -> bytes:
    """Return the whole answer; it repeats nothing of the request."""
    status, reason, sentence = REFUSALS.get(type(error), MALFORMED if isinstance(error, ParseException) else FAILED)
    body: shapes.Error = {"error": sentence, "errors": [], "status": status, "request_id": request_id}
    data = orjson.dumps(body)
    lines = [
        f"HTTP/1.1 {status} {reason}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(data)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        f"X-Request-ID: {request_id}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + data
