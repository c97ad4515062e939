"""The OpenAPI document, built from the parts of all protocols."""

from __future__ import annotations

from functools import reduce
from operator import or_

from webapp.helpers.openapi import (
    errors,
    headers,
    kserve,
    mlflow,
    model_repository,
    native,
    open_inference,
    probes,
    records,
    security,
)
from webapp.helpers.openapi.described import DescribedService, Json
from webapp.helpers.openapi.schemas import components

TAGS = {
    native.TAG: "The models that are served.",
    records.TAG: "The record of every prediction and of every rejected input.",
    open_inference.TAG: open_inference.ABOUT,
    kserve.TAG: kserve.ABOUT,
    mlflow.TAG: mlflow.ABOUT,
    probes.TAG: "Health checks, metrics and this description.",
}
ABOUT = """Scoredesk records each prediction before it sends it. `/docs` shows this description for people.

A request whose method an address doesn't support is answered with 405 and `Allow`. A request that is not valid HTTP,
or for a host name that is not in TRUSTED_HOSTS, is answered with 400. The maximum size of a body is {bytes} bytes."""


def openapi(service: DescribedService) -> Json:
    """Return the document of a service; it is the same whenever the models are the same."""
    document = _document(service)
    return security.with_security(document) if service.guarded else document


def _document(service: DescribedService) -> Json:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Scoredesk", "version": "1", "description": ABOUT.format(bytes=service.max_bytes)},
        "servers": [{"url": service.root or "/"}],
        "tags": _tags(service),
        "paths": _paths(service),
        "components": {
            "schemas": _schemas(service),
            "responses": _responses(),
            "parameters": headers.PARAMETERS,
            "headers": headers.HEADERS,
        },
    }


def _tags(service: DescribedService) -> list[Json]:
    models = [{"name": model.tag, "description": model.about or model.title} for model in service.models]
    return models + [{"name": name, "description": description} for name, description in TAGS.items()]


def _paths(service: DescribedService) -> Json:
    paths: Json = {"/api/v1/models": {"get": native.MODELS}}
    for model in service.models:
        paths |= native.paths(model, service)
    protocols = [protocol.paths(service) for protocol in (open_inference, model_repository, kserve, mlflow)]
    return reduce(or_, [paths, records.paths(), *protocols, probes.paths()])


def _responses() -> Json:
    shapes = (errors.NATIVE, open_inference.ERRORS, kserve.ERRORS, mlflow.ERRORS)
    return reduce(or_, [shape.components() for shape in shapes])


def _schemas(service: DescribedService) -> Json:
    schemas: Json = components() | open_inference.SCHEMAS
    for model in service.models:
        schemas |= native.schemas(model)
    return schemas
