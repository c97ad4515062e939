"""The headers that requests and answers carry."""

from __future__ import annotations

REQUEST_ID = {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}

HEADERS = {
    "RequestId": {
        "description": "The caller's own if it was well-formed, else one that was made. Kept with the record.",
        "required": True,
        "schema": REQUEST_ID,
    },
    "RetryAfter": {"description": "After so many seconds.", "schema": {"type": "integer", "minimum": 0}},
    "IdempotentReplayed": {
        "description": "Here when this is the first answer to the Idempotency-Key again; nothing was run.",
        "schema": {"const": "true"},
    },
}

PARAMETERS = {
    "RequestId": {
        "name": "X-Request-ID",
        "in": "header",
        "description": "An id of your own: up to 64 letters, digits, `.`, `_` or `-`. Anything else is passed over.",
        "schema": {"type": "string"},
        "example": "visit-4711",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "New for each request. The same request with the same key gets its first answer again for 24 "
        "hours, and runs once. 1 to 255 printable ASCII characters in quotation marks; without them no blank, comma "
        "or quotation mark.",
        "schema": {
            "type": "string",
            "anyOf": [
                {"pattern": r'^"(?:[ !#-\[\]-~]|\\["\\]){1,255}"$'},
                {"pattern": r"^[!#-+\--~]{1,255}$"},
            ],
        },
        "example": '"visit-4711"',
    },
}
