"""Authentication in the document, for a service that requires API keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from webapp.helpers.openapi import errors, kserve, mlflow, open_inference
from webapp.helpers.openapi.described import Json

SCHEME = "key"
SCHEMES = {
    SCHEME: {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, created with `flask keys create` or on the page “API keys”.",
    }
}
#: The error shape of each protocol, by the first part of the path.
ERROR_SHAPES = {
    "v2": open_inference.ERRORS,
    "v1": kserve.ERRORS,
    **dict.fromkeys(("invocations", "mlflow", "ping", "health", "version"), mlflow.ERRORS),
}
#: Paths that need no API key.
PUBLIC_PATHS = ("/healthz", "/readyz", "/v2", "/v2/health/live", "/v2/health/ready", "/ping", "/health", "/version")


def with_security(document: Json) -> Json:
    """Return a document in which each path requires an API key and has the responses for a missing key or role."""
    paths = {path: {name: _with_security(path, part) for name, part in item.items()} for path, item in _items(document)}
    components = document["components"] | {"securitySchemes": SCHEMES}
    return document | {"security": [{SCHEME: []}], "paths": paths, "components": components}


def _items(document: Json) -> Iterable[tuple[str, Json]]:
    items: Json = document["paths"]
    return items.items()


def _with_security(path: str, part: Any) -> Any:
    """Add security to an operation of a path; return the parameters of the path unchanged."""
    if not isinstance(part, dict) or "responses" not in part:
        return part
    if path in PUBLIC_PATHS:
        return part | {"security": []}
    shape = ERROR_SHAPES.get(path.split("/")[1], errors.NATIVE)
    return part | {"responses": dict(sorted((part["responses"] | shape.responses(401, 403, 429)).items()))}
