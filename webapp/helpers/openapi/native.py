"""The addresses of the native JSON API."""

from __future__ import annotations

from webapp.helpers.openapi.builders import component_key, operation, path_parameter, query_parameter, ref, response
from webapp.helpers.openapi.described import PREDICT_SUMMARY, DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import NATIVE
from webapp.helpers.openapi.instances import (
    instance_name,
    instance_schema,
    predict_body,
    record_name,
    record_schema,
    row_name,
    row_schema,
)
from webapp.helpers.openapi.model_answers import answer_schema, answers_schema
from webapp.helpers.openapi.model_answers import schemas as prediction_schemas
from webapp.helpers.openapi.probes import openapi_responses

TAG = "Models"

MODELS = operation(
    "models",
    TAG,
    "List all models, including those that can't be served",
    {"200": response("All models.", ref("Models")), **NATIVE.responses(500)},
)

EXPLAIN = query_parameter(
    "explain",
    "Whether to add an explanation to the answer. It is available for one instance, not for a list.",
    type="boolean",
    default=False,
)


def paths(model: DescribedModel, service: DescribedService) -> Json:
    """Return the paths of one model."""
    base, name = f"/api/v1/models/{model.path}", component_key(model.name)
    version = path_parameter(
        "version",
        "The version in use. Another version may have other inputs, which its own address describes.",
        enum=[model.version],
    )
    return {
        base: {"get": _describe(model, f"{name}.describe", f"Describe {model.title}", "ModelDescription")},
        f"{base}/predict": {"post": _predict(model, service, f"{name}.predict", PREDICT_SUMMARY + model.title)},
        f"/openapi/{model.path}.json": {"get": _document(model, f"{name}.openapi")},
        f"{base}/versions/{{version}}": {
            "parameters": [version],
            "get": _describe(
                model,
                f"{name}.describeVersion",
                f"Describe one version of {model.title}",
                "VersionDescription",
            ),
        },
        f"{base}/versions/{{version}}/predict": {
            "parameters": [version],
            "post": _predict(
                model, service, f"{name}.predictVersion", f"{PREDICT_SUMMARY}one version of {model.title}"
            ),
        },
    }


def schemas(model: DescribedModel) -> Json:
    """Return the components of one model."""
    name = component_key(model.name)
    return {
        instance_name(model): instance_schema(model),
        record_name(model): record_schema(model),
        row_name(model): row_schema(model),
        **prediction_schemas(model),
        f"{name}.Answer": answer_schema(model),
        f"{name}.Answers": answers_schema(model),
    }


def _describe(model: DescribedModel, id: str, summary: str, shape: str) -> Json:
    success = {"200": response("The inputs and outputs, and the card.", ref(shape))}
    return operation(id, model.tag, summary, success | NATIVE.responses(404, 500, 503))


def _document(model: DescribedModel, id: str) -> Json:
    responses = openapi_responses() | NATIVE.responses(404, 503)
    return operation(id, model.tag, f"Show this description for {model.title} alone", dict(sorted(responses.items())))


def _predict(model: DescribedModel, service: DescribedService, id: str, summary: str) -> Json:
    name = component_key(model.name)
    schema = {"oneOf": [ref(f"{name}.Answer"), ref(f"{name}.Answers")]}
    success = response("The answer, already recorded. For a list, it has a prediction for each instance.", schema)
    success["headers"]["Idempotent-Replayed"] = ref("IdempotentReplayed", "headers")
    record_link = {"operationId": "prediction", "parameters": {"id": "$response.body#/id"}}
    success["links"] = {"record": record_link | {"description": "The record of this prediction."}}
    return operation(
        id,
        model.tag,
        summary,
        {"200": success, **NATIVE.responses(400, 404, 409, 413, 415, 422, 500, 503)},
        [EXPLAIN, ref("IdempotencyKey", "parameters")],
        description=model.about,
        requestBody=predict_body(model, service),
    )
