"""The schema of what one model takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.helpers.openapi.builders import array, body, key, record, ref
from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.values import as_value
from webapp.types import Feature, Instance, Value


def instance_name(model: DescribedModel) -> str:
    """Give the name of the component that is the schema of one instance."""
    return f"{key(model.name)}.Instance"


def named_name(model: DescribedModel) -> str:
    """Give the name of the component for instances of which the unknown parts are left out."""
    return f"{key(model.name)}.Named"


def row_name(model: DescribedModel) -> str:
    """Give the name of the component for instances without names."""
    return f"{key(model.name)}.Row"


def named_schema(model: DescribedModel) -> Json:
    """Describe an instance that may hold more than the model takes."""
    known = {name: part for name, part in instance_schema(model).items() if name != "additionalProperties"}
    return known | {"description": "What is no input of the model is left out."}


def row_schema(model: DescribedModel) -> Json:
    """Describe an instance as a list of values; of a model of one input, that value alone."""
    properties = instance_schema(model)["properties"]
    each = [properties[feature.name] for feature in model.signature.features]
    row = array(False, prefixItems=each, minItems=len(each), maxItems=len(each))
    return {"anyOf": [row, each[0]]} if len(each) == 1 else row | {"description": "Values in the order of the model."}


def instance_schema(model: DescribedModel) -> Json:
    """Describe one instance: the schema that checks it, and what else is known of each input."""
    features = {feature.name: feature for feature in model.signature.features}
    usual = plain(model.examples[0][1]) if model.examples else {}
    properties = {
        name: described | _more(features[name], usual.get(name))
        for name, described in model.schema["properties"].items()
    }
    shown = {feature.name: properties[feature.name] for feature in model.signature.shown}
    return {**model.schema, "title": f"An input of {model.title}", "properties": shown}


def predict_body(model: DescribedModel, service: DescribedService) -> Json:
    """Describe the body that asks for predictions."""
    one = ref(instance_name(model))
    many = array(one, minItems=1, maxItems=service.max_instances)
    schema = record({"inputs": {"oneOf": [one, many]}}, additionalProperties=False)
    found: Json = {name: {"inputs": case} for name, case in cases(model)}
    several = {"Several at once": {"inputs": [each["inputs"] for each in found.values()] * 2}} if found else {}
    return body(schema, found | several)


def cases(model: DescribedModel) -> list[tuple[str, dict[str, Value]]]:
    """Give whole instances to begin with, each with what it is called."""
    return [(title, plain(case)) for title, case in model.examples]


def plain(instance: Instance) -> dict[str, Value]:
    """Give an instance as people would type it: 4050.0 is 4050."""
    return {name: value if value is None else as_value(value) for name, value in instance.items()}


def _more(feature: Feature, usual: Value) -> Mapping[str, Any]:
    more: Json = {}
    if feature.default is not None:
        more["default"] = as_value(feature.default)
    if usual is not None:
        more["examples"] = [usual]
    return more
