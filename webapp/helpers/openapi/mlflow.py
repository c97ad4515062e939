"""MLflow's scoring server."""

from __future__ import annotations

import csv
import io

from webapp.helpers.inputs.form_values import write_form
from webapp.helpers.openapi.builders import JSON, answer, array, body, key, nullable, operation, record, ref
from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import ErrorShape, of_protocol
from webapp.helpers.openapi.instances import cases, instance_schema, named_name, row_name
from webapp.helpers.openapi.model_answers import prediction_name
from webapp.helpers.openapi.schemas import member
from webapp.helpers.protocols.mlflow import METHODS
from webapp.types import Signature

TAG = "MLflow scoring"
ABOUT = "The same models for clients of MLflow; without a name, the default model."
CODES = {"enum": ["BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "INTERNAL_ERROR", "TEMPORARILY_UNAVAILABLE"]}
ERROR = record({"error_code": CODES, "message": {"type": "string"}})
ERRORS = ErrorShape(
    prefix="MLflow.",
    body=lambda _: ERROR,
    meanings=of_protocol() | {415: "The body was sent as something else than application/json or text/csv in UTF-8."},
)


def paths(service: DescribedService) -> Json:
    """Give all addresses of the protocol."""
    found = _paths("", "mlflow", service.default, service)
    for model in service.models:
        found |= _paths(f"/mlflow/{model.path}", f"mlflow.{key(model.name)}", model, service)
    return found


def _paths(base: str, id: str, model: DescribedModel | None, service: DescribedService) -> Json:
    title = model.title if model else "The default model"
    pong = {"200": {**answer("It answers.", {}), "content": {JSON: {}}}, **ERRORS.responses(404, 500, 503)}
    version = {"200": answer("A version.", {"type": "string"}, "text/plain"), **ERRORS.responses(500)}
    return {
        f"{base}/ping": {"get": operation(f"{id}.ping", TAG, f"Whether {title} answers", pong)},
        f"{base}/health": {"get": operation(f"{id}.health", TAG, f"Whether {title} answers", pong)},
        f"{base}/version": {"get": operation(f"{id}.version", TAG, "Which version of Scoredesk answers", version)},
        f"{base}/invocations": {"post": _invocations(f"{id}.invocations", f"Ask {title}", model, service)},
    }


def _invocations(id: str, summary: str, model: DescribedModel | None, service: DescribedService) -> Json:
    predicted = _said(model) if model else {}
    given = record({"predictions": array(predicted), "prediction_ids": array(member("Record", "id"))})
    return operation(
        id,
        TAG,
        summary,
        {"200": answer("One prediction for each row.", given), **ERRORS.responses(*ERRORS.meanings)},
        [ref("IdempotencyKey", "parameters")],
        requestBody=_body(model, service.max_instances) if model else body({"type": "object"}),
    )


def _said(model: DescribedModel) -> Json:
    """Describe what predict or, where there is one, predict_proba gives for one row."""
    predicted = ref(prediction_name(model))
    return {"anyOf": [predicted, {"type": "array"}]} if model.signature.probabilities else predicted


def _body(model: DescribedModel, most: int) -> Json:
    named, row = ref(named_name(model)), ref(row_name(model))
    rows = array({"anyOf": [named, row]}, minItems=1, maxItems=most)
    values = list(instance_schema(model)["properties"].values())
    alone = values if len(values) == 1 else []
    shapes = {
        "dataframe_split": record(
            {"columns": array({"type": "string"}, uniqueItems=True), "data": array({"type": "array"}, minItems=1)},
            description="Each row of data has a value for each of the columns, which come in any order.",
        ),
        "dataframe_records": array(named, minItems=1, maxItems=most),
        "instances": rows,
        "inputs": {
            "anyOf": [
                rows,
                {"type": "object", "minProperties": 1, "description": "Columns, all of the same length."},
                *alone,
            ]
        },
    }
    params = nullable("object", properties={"predict_method": {"enum": _methods(model.signature)}})
    schema = {
        "oneOf": [record({name: each}, {"params": params}, additionalProperties=False) for name, each in shapes.items()]
    }
    found = body(schema, {name: {"dataframe_records": [case]} for name, case in cases(model)})
    found["content"]["text/csv"] = {"schema": {"type": "string"}} | _csv(model)
    return found


def _methods(signature: Signature) -> list[str]:
    return [*METHODS] if signature.probabilities else [METHODS[0]]


def _csv(model: DescribedModel) -> Json:
    if not model.examples:
        return {}
    text = io.StringIO()
    cells = write_form(model.examples[0][1], model.signature)
    csv.writer(text).writerows([cells.keys(), cells.values()])
    return {"example": text.getvalue()}
