"""The addresses by which others watch the service, and this description."""

from __future__ import annotations

from webapp.helpers.openapi.builders import answer, operation, record, ref
from webapp.helpers.openapi.described import Json
from webapp.helpers.openapi.errors import NATIVE

TAG = "The service"


def paths() -> Json:
    """Give the addresses of the probes."""
    alive = {"200": answer("The process lives.", record({"status": {"const": "alive"}})), **NATIVE.responses(500)}
    ready = {
        "200": answer("Predictions can be given and recorded.", ref("Readiness")),
        **NATIVE.responses(500),
        "503": answer("Nothing can be recorded, so nothing is answered.", ref("Readiness")),
    }
    described = {
        "200": answer("An OpenAPI document.", {"type": "object"}),
        "304": {"description": "It is still the one whose ETag was sent as If-None-Match."},
        **NATIVE.responses(500),
    }
    counted = {"200": answer("Numbers.", {"type": "string"}, "text/plain"), **NATIVE.responses(500)}
    return {
        "/metrics": {"get": operation("metrics", TAG, "Numbers for Prometheus", counted)},
        "/healthz": {"get": operation("live", TAG, "Whether the process lives", alive)},
        "/readyz": {"get": operation("ready", TAG, "Whether predictions can be given and recorded", ready)},
        "/openapi.json": {"get": operation("openapi", TAG, "This description", described)},
    }
