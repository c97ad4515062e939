"""The service's own JSON: one model, and what it is asked."""

from __future__ import annotations

from webapp.helpers.openapi.answers import answer_schema, answers_schema
from webapp.helpers.openapi.answers import schemas as prediction_schemas
from webapp.helpers.openapi.builders import answer, array, in_path, in_query, key, nullable, operation, record, ref
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

TAG = "Models"

MODELS = operation(
    "models",
    TAG,
    "List all models, also those that can't be served",
    {"200": answer("All models.", record({"models": array(ref("Model"))})), **NATIVE.responses(500)},
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
        base: {"get": _describe(model, f"{name}.describe", f"What {model.title} takes and gives")},
        f"{base}/predict": {"post": _predict(model, service, f"{name}.predict", f"Ask {model.title}")},
        f"{base}/versions/{{version}}": {
            "parameters": [version],
            "get": _describe(model, f"{name}.describeVersion", f"What one version of {model.title} takes and gives"),
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


def _describe(model: DescribedModel, id: str, summary: str) -> Json:
    found = {"200": answer("What it takes and gives, its card and its versions.", ref("ModelDescription"))}
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


_SUMMARY = {
    "name": {"type": "string"},
    "ready": {"const": True},
    "version": {"type": "string"},
    "digest": {"type": "string"},
    "title": {"type": "string"},
    "task": {"enum": ["classification", "regression", "outlier detection", "clustering", "prediction"]},
}
_VERSION = record(
    {
        "version": {"type": "string"},
        "digest": {"type": "string"},
        "state": {"enum": ["champion", "loaded", "not loaded", "refused"]},
        "reason": nullable("string"),
    }
)
_INPUT = record(
    {
        "name": {"type": "string"},
        "kind": {"enum": ["number", "integer", "boolean", "category", "text"]},
        "optional": {"type": "boolean"},
        "choices": {"type": "array"},
        "default": {},
        "range": nullable("object"),
    }
)
SCHEMAS = {
    "Model": {
        "oneOf": [
            record(_SUMMARY),
            record({"name": {"type": "string"}, "ready": {"const": False}, "reason": {"type": "string"}}),
        ]
    },
    "ModelDescription": record(
        {
            **_SUMMARY,
            "inputs": array(_INPUT),
            "outputs": array(record({"name": {"type": "string"}, "classes": {"type": "array"}})),
            "probabilities": {"type": "boolean"},
            "schema": {"type": "object", "description": "The JSON Schema of one instance."},
            "card": nullable("object", description="What was noted when it was published."),
            "answered_by": {"type": "string"},
        },
        {"versions": array(_VERSION, description="The newest first. Not in the answer about one version.")},
    ),
}
