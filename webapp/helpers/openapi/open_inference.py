"""The addresses of the Open Inference Protocol (V2)."""

from __future__ import annotations

from typing import Any

from webapp.helpers.openapi.builders import (
    array,
    component_key,
    nullable,
    object_schema,
    operation,
    path_parameter,
    ref,
    request_body,
    response,
)
from webapp.helpers.openapi.described import PREDICT_SUMMARY, DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import SENTENCE_SCHEMA, ErrorShape, protocol_meanings
from webapp.helpers.openapi.instances import cases
from webapp.helpers.protocols.open_inference.datatypes import DATATYPES, datatype_of
from webapp.helpers.protocols.open_inference.metadata import output_names
from webapp.helpers.protocols.open_inference.tensors import CONTENT_TYPES, MAX_DIMENSIONS

TAG = "Open Inference V2"
ABOUT = "The same models for clients of KServe, MLServer and Triton, as tensors."
ERRORS = ErrorShape(prefix="OpenInference.", body=lambda _: SENTENCE_SCHEMA, meanings=protocol_meanings())
TEXT = {"type": "string"}
READY = object_schema({"name": TEXT, "ready": {"type": "boolean"}})
BINARY = "application/octet-stream"
DATATYPE = {"enum": [*DATATYPES]}
SIZES = array({"type": "integer"})


def paths(service: DescribedService) -> Json:
    """Return all paths of the protocol."""
    all_paths = _server()
    for model in service.models:
        all_paths |= _paths(model)
    return all_paths


def _get(id: str, summary: str, schema: Any, *statuses: int, **more: Any) -> Json:
    responses = {"200": response("The current state.", schema), **ERRORS.responses(*statuses), **more}
    return {"get": operation(f"v2.{id}", TAG, summary, dict(sorted(responses.items())))}


def _server() -> Json:
    about = object_schema({"name": TEXT, "version": TEXT, "extensions": array(TEXT)})
    live, ready = (object_schema({name: {"type": "boolean"}}) for name in ("live", "ready"))
    unready: Any = {"503": response("Predictions can't be recorded, so none are made.", ready)}
    return {
        "/v2": _get("server", "Describe the server", about, 500),
        "/v2/health/live": _get("live", "Check whether the process is alive", live, 500),
        "/v2/health/ready": _get("ready", "Check whether predictions can be recorded", ready, 500, **unready),
        "/v2/models": _get("models", "List the models that are ready", object_schema({"models": array(TEXT)}), 500),
    }


def _paths(model: DescribedModel) -> Json:
    base, id = f"/v2/models/{model.path}", component_key(model.name)
    version = path_parameter("version", "The version in use.", enum=[model.version])
    current, by_version = (
        _model_paths(model, base, id),
        _model_paths(model, f"{base}/versions/{{version}}", f"{id}.version"),
    )
    return current | {path: {"parameters": [version], **item} for path, item in by_version.items()}


def _model_paths(model: DescribedModel, base: str, id: str) -> Json:
    unready: Any = {"503": response("The model is not ready.", READY)}
    return {
        base: _get(f"{id}.metadata", f"Describe the tensors of {model.title}", ref("ModelMetadata"), 404, 500, 503),
        f"{base}/ready": _get(f"{id}.ready", f"Check whether {model.title} is ready", READY, 404, 500, **unready),
        f"{base}/infer": {"post": _infer(model, f"v2.{id}.infer")},
    }


def _infer(model: DescribedModel, id: str) -> Json:
    outputs = array(ref("OutputTensor"))
    metadata = {"model_name": {"const": model.name}, "model_version": TEXT, "id": TEXT}
    success = response("The requested outputs, or all outputs.", object_schema({**metadata, "outputs": outputs}))
    success["content"][BINARY] = {}
    length = {"description": "The position at which the binary data begin.", "schema": {"type": "integer"}}
    success["headers"]["Inference-Header-Content-Length"] = length
    content = request_body(_schema(model), {name: _request(case) for name, case in cases(model)})
    content["content"][BINARY] = {}
    content["description"] = (
        "JSON, which binary tensors may follow. The header Inference-Header-Content-Length then gives its length."
    )
    return operation(
        id,
        TAG,
        PREDICT_SUMMARY + model.title,
        {"200": success, **ERRORS.responses(*ERRORS.meanings)},
        [ref("IdempotencyKey", "parameters")],
        requestBody=content,
    )


def _schema(model: DescribedModel) -> Json:
    names = [feature.name for feature in model.signature.features]
    column = ref("InputTensor") | {"properties": {"name": {"enum": names}}}
    inputs = {
        "anyOf": [
            array(
                column,
                minItems=1,
                maxItems=len(names),
                description="One tensor of the shape [n] or [n, 1] for each input.",
            ),
            array(
                ref("InputTensor"), minItems=1, maxItems=1, description=f"One tensor of the shape [n, {len(names)}]."
            ),
        ]
    }
    output = object_schema({"name": {"enum": output_names(model.signature)}}, {"parameters": nullable("object")})
    optional = {
        "id": nullable("string"),
        "parameters": nullable("object"),
        "outputs": {"type": ["array", "null"], "items": output},
    }
    return object_schema({"inputs": inputs}, optional)


def _request(case: Json) -> Json:
    tensors = [
        {"name": name, "shape": [1, 1], "datatype": datatype_of([value]), "data": [value]}
        for name, value in case.items()
        if value is not None
    ]
    return {"inputs": tensors}


_TENSOR = object_schema({"name": TEXT, "datatype": DATATYPE, "shape": SIZES})
SCHEMAS = {
    "InputTensor": object_schema(
        {
            "name": TEXT,
            "shape": array({"type": "integer", "minimum": 1}, minItems=1, maxItems=MAX_DIMENSIONS),
            "datatype": DATATYPE,
            "data": {
                "type": "array",
                "minItems": 1,
                "description": "The values that fill the shape, flat or nested.",
            },
        },
        {"parameters": nullable("object", properties={"content_type": {"enum": [*CONTENT_TYPES]}})},
    ),
    "OutputTensor": object_schema({"name": TEXT, "datatype": DATATYPE, "shape": SIZES}, {"data": {"type": "array"}}),
    "ModelMetadata": object_schema(
        {
            "name": TEXT,
            "versions": array(TEXT),
            "platform": TEXT,
            "inputs": array(_TENSOR),
            "outputs": array(_TENSOR),
        }
    ),
}
