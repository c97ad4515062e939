"""The schemas of the inputs of one model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.helpers.openapi.builders import array, component_key, object_schema, ref, request_body
from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.values import as_value
from webapp.types import Feature, Instance, Value


def instance_name(model: DescribedModel) -> str:
    """Return the name of the component for one instance."""
    return f"{component_key(model.name)}.Instance"


def record_name(model: DescribedModel) -> str:
    """Return the name of the component for rows of a table, which has a column for each input."""
    return f"{component_key(model.name)}.Record"


def row_name(model: DescribedModel) -> str:
    """Return the name of the component for instances that are lists of values."""
    return f"{component_key(model.name)}.Row"


def record_schema(model: DescribedModel) -> Json:
    """Build the schema of a row of a table: each input, of which some may be blank."""
    schema = instance_schema(model)
    return schema | {"required": [*schema["properties"]], "description": "All inputs; those left blank are null."}


def row_schema(model: DescribedModel) -> Json:
    """Build the schema of an instance as a list of values; if the model has one input, also of its value alone."""
    properties = instance_schema(model)["properties"]
    values = [properties[feature.name] for feature in model.signature.features]
    row = array(False, prefixItems=values, minItems=len(values), maxItems=len(values))
    if len(values) == 1:
        return {"anyOf": [row, values[0]]}
    return row | {"description": "The values in the order of the inputs of the model."}


def instance_schema(model: DescribedModel) -> Json:
    """Build the schema of one instance: the one that validates it, with a default and an example for each input."""
    features = {feature.name: feature for feature in model.signature.features}
    example = as_typed(model.examples[0][1]) if model.examples else {}
    properties = {
        name: schema | _annotations(features[name], example.get(name))
        for name, schema in model.schema["properties"].items()
    }
    shown = {feature.name: properties[feature.name] for feature in model.signature.shown}
    return {**model.schema, "title": f"An input of {model.title}", "properties": shown}


def predict_body(model: DescribedModel, service: DescribedService) -> Json:
    """Build the body of a request for predictions."""
    one = ref(instance_name(model))
    many = array(one, minItems=1, maxItems=service.max_instances)
    schema = object_schema({"inputs": {"oneOf": [one, many]}}, additionalProperties=False)
    examples: Json = {name: {"inputs": case} for name, case in cases(model)}
    several = (
        {"Several cases": {"inputs": [example["inputs"] for example in examples.values()] * 2}} if examples else {}
    )
    return request_body(schema, examples | several)


def cases(model: DescribedModel) -> list[tuple[str, dict[str, Value]]]:
    """Return complete example instances with their titles."""
    return [(title, as_typed(case)) for title, case in model.examples]


def records(model: DescribedModel) -> list[tuple[str, dict[str, Value]]]:
    """Return the same as rows of a table, which has a column for each input."""
    return [(title, {each.name: case.get(each.name) for each in model.signature.shown}) for title, case in cases(model)]


def as_typed(instance: Instance) -> dict[str, Value]:
    """Return an instance as people would type it: 4050 for 4050.0."""
    return {name: value if value is None else as_value(value) for name, value in instance.items()}


def _annotations(feature: Feature, example: Value) -> Mapping[str, Any]:
    annotations: Json = {}
    if feature.default is not None:
        annotations["default"] = as_value(feature.default)
    if example is not None:
        annotations["examples"] = [example]
    return annotations
