"""The headers of requests and responses."""

from __future__ import annotations

REQUEST_ID = {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,64}$"}

HEADERS = {
    "RequestId": {
        "description": "The id that the client sent or, without a valid one, a new id. It is kept with the record.",
        "required": True,
        "schema": REQUEST_ID,
    },
    "RetryAfter": {
        "description": "The number of seconds after which to try again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "IdempotentReplayed": {
        "description": "Present if the first answer to this Idempotency-Key is repeated. No model was run.",
        "schema": {"const": "true"},
    },
}

PARAMETERS = {
    "RequestId": {
        "name": "X-Request-ID",
        "in": "header",
        "description": "An id of up to 64 letters, digits, `.`, `_` or `-`. Any other value is ignored.",
        "schema": {"type": "string"},
        "example": "visit-4711",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Choose a new key for each request. If the same request is sent again with the same key "
        "within 24 hours, it is not run again but gets the first answer. A key is 1 to 255 printable ASCII characters "
        "in quotation marks; without quotation marks, it must not contain a space, a comma or a quotation mark.",
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
