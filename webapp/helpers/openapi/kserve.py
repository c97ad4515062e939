"""The addresses of KServe V1."""

from __future__ import annotations

from webapp.helpers.openapi.builders import array, component_key, object_schema, operation, ref, request_body, response
from webapp.helpers.openapi.described import PREDICT_SUMMARY, DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import SENTENCE_SCHEMA, ErrorShape, protocol_meanings
from webapp.helpers.openapi.instances import cases, instance_name, row_name
from webapp.helpers.openapi.model_answers import prediction_name, probabilities_name
from webapp.helpers.openapi.schemas import member, records_schema

TAG = "KServe V1"
ABOUT = "The same models for clients of KServe's V1 protocol."
ERRORS = ErrorShape(prefix="KServe.", body=lambda _: SENTENCE_SCHEMA, meanings=protocol_meanings())
READY = object_schema({"name": {"type": "string"}, "ready": {"type": "boolean"}})


def paths(service: DescribedService) -> Json:
    """Return all paths of the protocol."""
    names = object_schema({"models": array({"type": "string"})})
    listed = {"200": response("The names of the models.", names), **ERRORS.responses(500)}
    all_paths = {"/v1/models": {"get": operation("v1.models", TAG, "List the models that are ready", listed)}}
    for model in service.models:
        all_paths |= _paths(model, service)
    return all_paths


def _paths(model: DescribedModel, service: DescribedService) -> Json:
    base, name = f"/v1/models/{model.path}", f"v1.{component_key(model.name)}"
    ready = {
        "200": response("The model is ready.", READY),
        **ERRORS.responses(404, 500),
        "503": response("The model is not ready.", READY),
    }
    return {
        base: {"get": operation(f"{name}.ready", TAG, f"Check whether {model.title} is ready", ready)},
        f"{base}:predict": {
            "post": _predict(model, service.max_instances, f"{name}.predict", PREDICT_SUMMARY + model.title, {})
        },
        f"{base}:explain": {
            "post": _predict(
                model,
                1,
                f"{name}.explain",
                f"{PREDICT_SUMMARY}{model.title} and explain the answer",
                {"explanations": array(member("Answer", "explanations"))},
            )
        },
    }


def _predict(model: DescribedModel, max_instances: int, id: str, summary: str, extra_members: Json) -> Json:
    probabilities = {"probabilities": array(ref(probabilities_name(model)))} if model.signature.probabilities else {}
    answer = object_schema(
        {
            "predictions": array(ref(prediction_name(model))),
            **probabilities,
            **records_schema(),
            **extra_members,
        }
    )
    return operation(
        id,
        TAG,
        summary,
        {"200": response("One prediction for each instance.", answer), **ERRORS.responses(*ERRORS.meanings)},
        [ref("IdempotencyKey", "parameters")],
        requestBody=request_body(
            _schema(model, max_instances), {name: {"instances": [case]} for name, case in cases(model)}
        ),
    )


def _schema(model: DescribedModel, max_instances: int) -> Json:
    row = {"anyOf": [ref(instance_name(model)), ref(row_name(model))]}
    return object_schema({"instances": array(row, minItems=1, maxItems=max_instances)})
