"""The addresses of the model repository of the Open Inference Protocol."""

from __future__ import annotations

from webapp.helpers.openapi.builders import array, object_schema, operation, path_parameter, request_body, response
from webapp.helpers.openapi.described import DescribedService, Json
from webapp.helpers.openapi.open_inference import ERRORS, TAG, TEXT


def paths(service: DescribedService) -> Json:
    """Return the paths of the model repository."""
    about = object_schema({"name": TEXT, "version": TEXT, "state": {"enum": ["READY", "UNAVAILABLE"]}, "reason": TEXT})
    ready = {"description": "If true, only the models that are ready are listed."}
    content = request_body(object_schema({}, {"ready": ready}), {"ready": {"ready": True}}) | {"required": False}
    listed = {"200": response("The models.", array(about)), **ERRORS.responses(400, 413, 415, 500)}
    index = operation("v2.index", TAG, "List all models with their states", listed, requestBody=content)
    return {
        "/v2/repository/index": {"post": index},
        **_switch("load", "Put a model back into service", service),
        **_switch("unload", "Take a model out of service until it is loaded again", service),
    }


def _switch(verb: str, summary: str, service: DescribedService) -> Json:
    names = {"enum": [model.name for model in service.models]} if service.models else TEXT
    result = object_schema({"name": TEXT, verb: {"const": True}})
    switch = operation(
        f"v2.{verb}",
        TAG,
        summary,
        {"200": response(f"The model was {verb}ed.", result), **ERRORS.responses(404, 500, 503)},
    )
    return {
        f"/v2/repository/models/{{name}}/{verb}": {
            "parameters": [path_parameter("name", "The name of the model.", **names)],
            "post": switch,
        }
    }
