"""KServe's V1."""

from __future__ import annotations

from webapp.helpers.openapi.builders import answer, array, body, key, operation, record, ref
from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.openapi.errors import SENTENCE, ErrorShape, of_protocol
from webapp.helpers.openapi.instances import cases, instance_name, row_name
from webapp.helpers.openapi.model_answers import prediction_name, probabilities_name
from webapp.helpers.openapi.schemas import member

TAG = "KServe V1"
ABOUT = "The same models for clients of KServe's first protocol."
ERRORS = ErrorShape(prefix="KServe.", body=lambda _: SENTENCE, meanings=of_protocol())
READY = record({"name": {"type": "string"}, "ready": {"type": "boolean"}})


def paths(service: DescribedService) -> Json:
    """Give all addresses of the protocol."""
    names = record({"models": array({"type": "string"})})
    listed = {"200": answer("Their names.", names), **ERRORS.responses(500)}
    found = {"/v1/models": {"get": operation("v1.models", TAG, "List the models that answer", listed)}}
    for model in service.models:
        found |= _paths(model, service)
    return found


def _paths(model: DescribedModel, service: DescribedService) -> Json:
    base, name = f"/v1/models/{model.path}", f"v1.{key(model.name)}"
    ready = {
        "200": answer("It answers.", READY),
        **ERRORS.responses(404, 500),
        "503": answer("It does not answer.", READY),
    }
    return {
        base: {"get": operation(f"{name}.ready", TAG, f"Whether {model.title} answers", ready)},
        f"{base}:predict": {
            "post": _predict(model, service.max_instances, f"{name}.predict", f"Ask {model.title}", {})
        },
        f"{base}:explain": {
            "post": _predict(
                model,
                1,
                f"{name}.explain",
                f"Ask {model.title} about one case, and why",
                {"explanations": array(member("Answer", "explanations"))},
            )
        },
    }


def _predict(model: DescribedModel, most: int, id: str, summary: str, more: Json) -> Json:
    shares = {"probabilities": array(ref(probabilities_name(model)))} if model.signature.probabilities else {}
    given = record(
        {
            "predictions": array(ref(prediction_name(model))),
            **shares,
            "prediction_ids": array(member("Record", "id")),
            **more,
        }
    )
    return operation(
        id,
        TAG,
        summary,
        {"200": answer("One prediction for each instance.", given), **ERRORS.responses(*ERRORS.meanings)},
        [ref("IdempotencyKey", "parameters")],
        requestBody=body(_schema(model, most), {name: {"instances": [case]} for name, case in cases(model)}),
    )


def _schema(model: DescribedModel, most: int) -> Json:
    row = {"anyOf": [ref(instance_name(model)), ref(row_name(model))]}
    return record({"instances": array(row, minItems=1, maxItems=most)})
