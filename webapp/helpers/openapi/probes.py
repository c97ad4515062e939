"""The addresses for monitoring the service, and the address of the document."""

from __future__ import annotations

from webapp.helpers.openapi.builders import object_schema, operation, ref, response
from webapp.helpers.openapi.described import Json
from webapp.helpers.openapi.errors import NATIVE

TAG = "The service"


def openapi_responses() -> Json:
    """Return the responses of an address with an OpenAPI document."""
    return {
        "200": response("An OpenAPI document.", {"type": "object"}),
        "304": {"description": "The document has not changed: its ETag is the one in If-None-Match."},
        **NATIVE.responses(500),
    }


def paths() -> Json:
    """Return the paths of the probes and of the document."""
    alive = {
        "200": response("The process is alive.", object_schema({"status": {"const": "alive"}})),
        **NATIVE.responses(500),
    }
    ready = {
        "200": response("Predictions can be made and recorded.", ref("Readiness")),
        **NATIVE.responses(500),
        "503": response(
            "No predictions are made: they can't be recorded, or the models folder is silent. "
            "Or something has been wrong for too long.",
            ref("Readiness"),
        ),
    }
    metrics = {"200": response("The metrics.", {"type": "string"}, "text/plain"), **NATIVE.responses(500)}
    return {
        "/metrics": {"get": operation("metrics", TAG, "Show metrics for Prometheus", metrics)},
        "/healthz": {"get": operation("live", TAG, "Check whether the process is alive", alive)},
        "/readyz": {"get": operation("ready", TAG, "Check whether predictions can be made and recorded", ready)},
        "/openapi.json": {"get": operation("openapi", TAG, "Show this description", openapi_responses())},
    }
