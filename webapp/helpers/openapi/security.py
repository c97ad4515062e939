"""That scripts have to say who they are, where they have to."""

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
        "description": "A key, as `flask keys create` or the page of keys makes it.",
    }
}
#: Whose shape errors have below which path.
SHAPES = {
    "v2": open_inference.ERRORS,
    "v1": kserve.ERRORS,
    **dict.fromkeys(("invocations", "mlflow", "ping", "health", "version"), mlflow.ERRORS),
}
#: Whoever can reach the service may ask these.
OPEN = ("/healthz", "/readyz", "/v2", "/v2/health/live", "/v2/health/ready", "/ping", "/health", "/version")


def guarded(document: Json) -> Json:
    """Say of each address that it needs a key, and what is answered without one or without the role for it."""
    paths = {path: {name: _guarded(path, part) for name, part in item.items()} for path, item in _items(document)}
    components = document["components"] | {"securitySchemes": SCHEMES}
    return document | {"security": [{SCHEME: []}], "paths": paths, "components": components}


def _items(document: Json) -> Iterable[tuple[str, Json]]:
    items: Json = document["paths"]
    return items.items()


def _guarded(path: str, part: Any) -> Any:
    """Add what a method of an address says; its path's own parameters stay as they are."""
    if not isinstance(part, dict) or "responses" not in part:
        return part
    if path in OPEN:
        return part | {"security": []}
    shape = SHAPES.get(path.split("/")[1], errors.NATIVE)
    return part | {"responses": dict(sorted((part["responses"] | shape.responses(401, 403, 429)).items()))}
