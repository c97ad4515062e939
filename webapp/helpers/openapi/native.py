"""The service's own JSON: one model, and what it is asked."""

from __future__ import annotations

from webapp.helpers.openapi.builders import answer, in_path, in_query, key, operation, ref
from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import NATIVE
from webapp.helpers.openapi.instances import (
    instance_name,
    instance_schema,
    named_name,
    named_schema,
    predict_body,
    row_name,
    row_schema,
)
from webapp.helpers.openapi.model_answers import answer_schema, answers_schema
from webapp.helpers.openapi.model_answers import schemas as prediction_schemas

TAG = "Models"

MODELS = operation(
    "models",
    TAG,
    "List all models, also those that can't be served",
    {"200": answer("All models.", ref("Models")), **NATIVE.responses(500)},
)

EXPLAIN = in_query(
    "explain",
    "Adds why to the answer. Of one instance only, not of a list.",
    type="boolean",
    default=False,
)


def paths(model: DescribedModel, service: DescribedService) -> Json:
    """Give the addresses of one model."""
    base, name = f"/api/v1/models/{model.path}", key(model.name)
    version = in_path(
        "version",
        "The version that answers now. Another one may take other inputs; its own address tells which.",
        enum=[model.version],
    )
    return {
        base: {"get": _describe(model, f"{name}.describe", f"What {model.title} takes and gives", "ModelDescription")},
        f"{base}/predict": {"post": _predict(model, service, f"{name}.predict", f"Ask {model.title}")},
        f"{base}/versions/{{version}}": {
            "parameters": [version],
            "get": _describe(
                model,
                f"{name}.describeVersion",
                f"What one version of {model.title} takes and gives",
                "VersionDescription",
            ),
        },
        f"{base}/versions/{{version}}/predict": {
            "parameters": [version],
            "post": _predict(model, service, f"{name}.predictVersion", f"Ask one version of {model.title}"),
        },
    }


def schemas(model: DescribedModel) -> Json:
    """Give the components of one model."""
    name = key(model.name)
    return {
        instance_name(model): instance_schema(model),
        named_name(model): named_schema(model),
        row_name(model): row_schema(model),
        **prediction_schemas(model),
        f"{name}.Answer": answer_schema(model),
        f"{name}.Answers": answers_schema(model),
    }


def _describe(model: DescribedModel, id: str, summary: str, shape: str) -> Json:
    found = {"200": answer("What it takes and gives, and its card.", ref(shape))}
    return operation(id, model.tag, summary, found | NATIVE.responses(404, 500, 503))


def _predict(model: DescribedModel, service: DescribedService, id: str, summary: str) -> Json:
    name = key(model.name)
    schema = {"oneOf": [ref(f"{name}.Answer"), ref(f"{name}.Answers")]}
    found = answer("The answer, which is on record by now; for a list, one for each instance.", schema)
    found["headers"]["Idempotent-Replayed"] = ref("IdempotentReplayed", "headers")
    record_link = {"operationId": "prediction", "parameters": {"id": "$response.body#/id"}}
    found["links"] = {"record": record_link | {"description": "The record of this prediction."}}
    return operation(
        id,
        model.tag,
        summary,
        {"200": found, **NATIVE.responses(400, 404, 409, 413, 415, 422, 500, 503)},
        [EXPLAIN, ref("IdempotencyKey", "parameters")],
        description=model.about,
        requestBody=predict_body(model, service),
    )
