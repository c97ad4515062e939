"""The whole document."""

from __future__ import annotations

from webapp.helpers.openapi import answers, errors, headers, native, probes, records
from webapp.helpers.openapi.described import DescribedService, Json

TAGS = {
    native.TAG: "What is served.",
    records.TAG: "Every prediction that was ever given, and every input that was refused.",
    probes.TAG: "How it is doing.",
}
ABOUT = """Models answer here, and each answer is recorded before it is given. `/docs` says the same for people.

An address that is asked in a way that it does not have answers 405, with `Allow`. Where TRUSTED_HOSTS is set, another
host name is answered 400 as `text/plain`. A body may hold up to {bytes} bytes."""


def openapi(service: DescribedService) -> Json:
    """Describe a service; the same models always give the same document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Scoredesk", "version": "1", "description": ABOUT.format(bytes=service.max_bytes)},
        "servers": [{"url": service.root or "/"}],
        "tags": _tags(service),
        "paths": _paths(service),
        "components": {
            "schemas": _schemas(service),
            "responses": errors.NATIVE.components(),
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
    return paths | records.paths() | probes.paths()


def _schemas(service: DescribedService) -> Json:
    schemas = errors.SCHEMAS | native.SCHEMAS | answers.SCHEMAS | records.SCHEMAS | probes.SCHEMAS
    for model in service.models:
        schemas |= native.schemas(model)
    return schemas
