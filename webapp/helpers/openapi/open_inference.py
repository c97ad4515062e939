"""The Open Inference Protocol, V2, and its model repository."""

from __future__ import annotations

from typing import Any

from webapp.helpers.openapi.builders import answer, array, body, in_path, key, nullable, operation, record, ref
from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import SENTENCE, ErrorShape, of_protocol
from webapp.helpers.openapi.instances import cases
from webapp.helpers.protocols.open_inference.datatypes import DATATYPES, datatype_of
from webapp.helpers.protocols.open_inference.metadata import output_names
from webapp.helpers.protocols.open_inference.tensors import CONTENT_TYPES, MOST_DIMENSIONS

TAG = "Open Inference V2"
ABOUT = "The same models for clients of KServe, MLServer and Triton, as tensors."
ERRORS = ErrorShape(prefix="OpenInference.", body=lambda _: SENTENCE, meanings=of_protocol())
TEXT = {"type": "string"}
READY = record({"name": TEXT, "ready": {"type": "boolean"}})
BINARY = "application/octet-stream"
DATATYPE = {"enum": [*DATATYPES]}
SIZES = array({"type": "integer"})


def paths(service: DescribedService) -> Json:
    """Give all addresses of the protocol."""
    found = _server()
    for model in service.models:
        found |= _paths(model)
    return found | _repository(service)


def _get(id: str, summary: str, schema: Any, *statuses: int, **more: Any) -> Json:
    responses = {"200": answer("As it is now.", schema), **ERRORS.responses(*statuses), **more}
    return {"get": operation(f"v2.{id}", TAG, summary, dict(sorted(responses.items())))}


def _server() -> Json:
    about = record({"name": TEXT, "version": TEXT, "extensions": array(TEXT)})
    live, ready = (record({name: {"type": "boolean"}}) for name in ("live", "ready"))
    unready: Any = {"503": answer("Nothing can be recorded, so nothing is answered.", ready)}
    return {
        "/v2": _get("server", "What this server is", about, 500),
        "/v2/health/live": _get("live", "Whether the process lives", live, 500),
        "/v2/health/ready": _get("ready", "Whether predictions can be recorded", ready, 500, **unready),
        "/v2/models": _get("models", "List the models that answer", record({"models": array(TEXT)}), 500),
    }


def _paths(model: DescribedModel) -> Json:
    base, id = f"/v2/models/{model.path}", key(model.name)
    version = in_path("version", "The version that answers now.", enum=[model.version])
    here, there = _of_one(model, base, id), _of_one(model, f"{base}/versions/{{version}}", f"{id}.version")
    return here | {path: {"parameters": [version], **item} for path, item in there.items()}


def _of_one(model: DescribedModel, base: str, id: str) -> Json:
    unready: Any = {"503": answer("It does not answer.", READY)}
    return {
        base: _get(f"{id}.metadata", f"The tensors of {model.title}", ref("ModelMetadata"), 404, 500, 503),
        f"{base}/ready": _get(f"{id}.ready", f"Whether {model.title} answers", READY, 404, 500, **unready),
        f"{base}/infer": {"post": _infer(model, f"v2.{id}.infer")},
    }


def _infer(model: DescribedModel, id: str) -> Json:
    outputs = array(ref("OutputTensor"))
    whose = {"model_name": {"const": model.name}, "model_version": TEXT, "id": TEXT}
    found = answer("The outputs that were asked for, or all.", record({**whose, "outputs": outputs}))
    found["content"][BINARY] = {}
    length = {"description": "Where binary data begin.", "schema": {"type": "integer"}}
    found["headers"]["Inference-Header-Content-Length"] = length
    sent = body(_schema(model), {name: _request(case) for name, case in cases(model)})
    sent["content"][BINARY] = {}
    sent["description"] = (
        "JSON or, with binary tensors behind it, as much JSON as the header Inference-Header-Content-Length says."
    )
    return operation(
        id,
        TAG,
        f"Ask {model.title}",
        {"200": found, **ERRORS.responses(*ERRORS.meanings)},
        [ref("IdempotencyKey", "parameters")],
        requestBody=sent,
    )


def _schema(model: DescribedModel) -> Json:
    names = [feature.name for feature in model.signature.features]
    column = ref("InputTensor") | {"properties": {"name": {"enum": names}}}
    inputs = {
        "anyOf": [
            array(column, minItems=1, maxItems=len(names), description="A tensor of the shape [n] or [n, 1] for each."),
            array(ref("InputTensor"), minItems=1, maxItems=1, description=f"One of the shape [n, {len(names)}]."),
        ]
    }
    output = record({"name": {"enum": output_names(model.signature)}}, {"parameters": nullable("object")})
    optional = {
        "id": nullable("string"),
        "parameters": nullable("object"),
        "outputs": {"type": ["array", "null"], "items": output},
    }
    return record({"inputs": inputs}, optional)


def _request(case: Json) -> Json:
    tensors = [
        {"name": name, "shape": [1, 1], "datatype": datatype_of([value]), "data": [value]}
        for name, value in case.items()
        if value is not None
    ]
    return {"inputs": tensors}


def _repository(service: DescribedService) -> Json:
    about = record({"name": TEXT, "version": TEXT, "state": {"enum": ["READY", "UNAVAILABLE"]}, "reason": TEXT})
    ready = {"description": "true lists only those that answer."}
    asked = body(record({}, {"ready": ready}), {"ready": {"ready": True}}) | {"required": False}
    listed = {"200": answer("The models.", array(about)), **ERRORS.responses(400, 413, 415, 500)}
    index = operation("v2.index", TAG, "List the models and whether they answer", listed, requestBody=asked)
    return {
        "/v2/repository/index": {"post": index},
        **_switch("load", "Let a model answer again", service),
        **_switch("unload", "Let a model answer nobody until it is loaded", service),
    }


def _switch(verb: str, summary: str, service: DescribedService) -> Json:
    names = {"enum": [model.name for model in service.models]} if service.models else TEXT
    done = record({"name": TEXT, verb: {"const": True}})
    found = operation(
        f"v2.{verb}", TAG, summary, {"200": answer("It is done.", done), **ERRORS.responses(404, 500, 503)}
    )
    return {
        f"/v2/repository/models/{{name}}/{verb}": {"parameters": [in_path("name", "A model.", **names)], "post": found}
    }


_DESCRIBED = record({"name": TEXT, "datatype": DATATYPE, "shape": SIZES})
SCHEMAS = {
    "InputTensor": record(
        {
            "name": TEXT,
            "shape": array({"type": "integer", "minimum": 1}, minItems=1, maxItems=MOST_DIMENSIONS),
            "datatype": DATATYPE,
            "data": {
                "type": "array",
                "minItems": 1,
                "description": "As many values as the shape says, flat or nested.",
            },
        },
        {"parameters": nullable("object", properties={"content_type": {"enum": [*CONTENT_TYPES]}})},
    ),
    "OutputTensor": record({"name": TEXT, "datatype": DATATYPE, "shape": SIZES}, {"data": {"type": "array"}}),
    "ModelMetadata": record(
        {
            "name": TEXT,
            "versions": array(TEXT),
            "platform": TEXT,
            "inputs": array(_DESCRIBED),
            "outputs": array(_DESCRIBED),
        }
    ),
}
