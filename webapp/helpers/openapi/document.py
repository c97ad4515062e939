"""The whole document."""

from __future__ import annotations

from functools import reduce
from operator import or_

from webapp.helpers.openapi import errors, headers, kserve, mlflow, native, open_inference, probes, records, security
from webapp.helpers.openapi.described import DescribedService, Json
from webapp.helpers.openapi.schemas import components

TAGS = {
    native.TAG: "What is served.",
    records.TAG: "Every prediction that was ever given, and every input that was refused.",
    open_inference.TAG: open_inference.ABOUT,
    kserve.TAG: kserve.ABOUT,
    mlflow.TAG: mlflow.ABOUT,
    probes.TAG: "How it is doing.",
}
ABOUT = """Models answer here, and each answer is recorded before it is given. `/docs` says the same for people.

An address that is asked in a way that it does not have answers 405, with `Allow`. Where TRUSTED_HOSTS is set, another
host name is answered 400 as `text/plain`. A body may hold up to {bytes} bytes."""


def openapi(service: DescribedService) -> Json:
    """Describe a service; the same models always give the same document."""
    document = _document(service)
    return security.guarded(document) if service.guarded else document


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
    others = [room.paths(service) for room in (open_inference, kserve, mlflow)]
    return reduce(or_, [paths, records.paths(), *others, probes.paths()])


def _responses() -> Json:
    shapes = (errors.NATIVE, open_inference.ERRORS, kserve.ERRORS, mlflow.ERRORS)
    return reduce(or_, [shape.components() for shape in shapes])


def _schemas(service: DescribedService) -> Json:
    schemas: Json = components() | open_inference.SCHEMAS
    for model in service.models:
        schemas |= native.schemas(model)
    return schemas
