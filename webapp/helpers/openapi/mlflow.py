"""The addresses of MLflow's scoring server."""

from __future__ import annotations

import csv
import io

from webapp.helpers.inputs.form_values import write_form
from webapp.helpers.openapi.builders import (
    JSON,
    array,
    component_key,
    nullable,
    object_schema,
    operation,
    ref,
    request_body,
    response,
)
from webapp.helpers.openapi.described import PREDICT_SUMMARY, DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import ErrorShape, protocol_meanings
from webapp.helpers.openapi.instances import instance_schema, record_name, records, row_name
from webapp.helpers.openapi.model_answers import prediction_name
from webapp.helpers.openapi.schemas import records_schema
from webapp.helpers.protocols.mlflow import METHODS
from webapp.types import Signature

TAG = "MLflow scoring"
ABOUT = "The same models for clients of MLflow. Addresses without a model name use the default model."
CODES = {"enum": ["BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE"]}
ERROR = object_schema({"error_code": CODES, "message": {"type": "string"}})
ERRORS = ErrorShape(
    prefix="MLflow.",
    body=lambda _: ERROR,
    meanings=protocol_meanings()
    | {415: "The body was not sent as application/json or as text/csv in UTF-8, or its compression is not supported."},
)


def paths(service: DescribedService) -> Json:
    """Return all paths of the protocol."""
    all_paths = _paths("", "mlflow", service.default, service)
    for model in service.models:
        all_paths |= _paths(f"/mlflow/{model.path}", f"mlflow.{component_key(model.name)}", model, service)
    return all_paths


def _paths(base: str, id: str, model: DescribedModel | None, service: DescribedService) -> Json:
    title = model.title if model else "the default model"
    pong = {"200": {**response("The model is ready.", {}), "content": {JSON: {}}}, **ERRORS.responses(404, 500, 503)}
    version = {"200": response("The version of Scoredesk.", {"type": "string"}, "text/plain"), **ERRORS.responses(500)}
    return {
        f"{base}/ping": {"get": operation(f"{id}.ping", TAG, f"Check whether {title} is ready", pong)},
        f"{base}/health": {"get": operation(f"{id}.health", TAG, f"Check whether {title} is ready", pong)},
        f"{base}/version": {"get": operation(f"{id}.version", TAG, "Show the version of Scoredesk", version)},
        f"{base}/invocations": {"post": _invocations(f"{id}.invocations", PREDICT_SUMMARY + title, model, service)},
    }


def _invocations(id: str, summary: str, model: DescribedModel | None, service: DescribedService) -> Json:
    prediction = _prediction(model) if model else {}
    answer = object_schema({"predictions": array(prediction), **records_schema()})
    return operation(
        id,
        TAG,
        summary,
        {"200": response("One prediction for each row.", answer), **ERRORS.responses(*ERRORS.meanings)},
        [ref("IdempotencyKey", "parameters")],
        requestBody=_body(model, service.max_instances) if model else request_body({"type": "object"}),
    )


def _prediction(model: DescribedModel) -> Json:
    """Build the schema of what predict or predict_proba returns for one row."""
    predicted = ref(prediction_name(model))
    return {"anyOf": [predicted, {"type": "array"}]} if model.signature.probabilities else predicted


def _body(model: DescribedModel, max_instances: int) -> Json:
    named, row = ref(record_name(model)), ref(row_name(model))
    rows = array({"anyOf": [named, row]}, minItems=1, maxItems=max_instances)
    values = list(instance_schema(model)["properties"].values())
    alone = values if len(values) == 1 else []
    shapes = {
        "dataframe_split": object_schema(
            {"columns": array({"type": "string"}, uniqueItems=True), "data": array({"type": "array"}, minItems=1)},
            description="`columns` are all inputs in any order; each row of `data` has one value for each.",
        ),
        "dataframe_records": array(named, minItems=1, maxItems=max_instances),
        "instances": rows,
        "inputs": {
            "anyOf": [
                rows,
                {
                    "type": "object",
                    "minProperties": 1,
                    "description": "A column for each input, all of the same length.",
                },
                *alone,
            ]
        },
    }
    params = nullable("object", properties={"predict_method": {"enum": _methods(model.signature)}})
    schema = {
        "oneOf": [
            object_schema({name: shape}, {"params": params}, additionalProperties=False)
            for name, shape in shapes.items()
        ]
    }
    content = request_body(schema, {name: {"dataframe_records": [case]} for name, case in records(model)})
    content["content"]["text/csv"] = {"schema": {"type": "string"}} | _csv(model)
    return content


def _methods(signature: Signature) -> list[str]:
    return [*METHODS] if signature.probabilities else [METHODS[0]]


def _csv(model: DescribedModel) -> Json:
    if not model.examples:
        return {}
    text = io.StringIO()
    cells = write_form(model.examples[0][1], model.signature)
    names = [feature.name for feature in model.signature.shown]
    csv.writer(text).writerows([names, [cells.get(name, "") for name in names]])
    return {"example": text.getvalue()}
