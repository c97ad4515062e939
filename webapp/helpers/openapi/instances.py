"""The schema of what one model takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.helpers.openapi.described import DescribedModel, DescribedService, Json
from webapp.helpers.openapi.parts import array, key, record, ref
from webapp.helpers.signature.values import as_value
from webapp.types import Feature, Instance, Value


def instance_name(model: DescribedModel) -> str:
    """Give the name of the component that is the schema of one instance."""
    return f"{key(model.name)}.Instance"


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
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": _examples(model)}}}


def plain(instance: Instance) -> dict[str, Value]:
    """Give an instance as people would type it: 4050.0 is 4050."""
    return {name: value if value is None else as_value(value) for name, value in instance.items()}


def _examples(model: DescribedModel) -> Json:
    found: Json = {
        f"case{place}": {"summary": title, "value": {"inputs": plain(case)}}
        for place, (title, case) in enumerate(model.examples, 1)
    }
    if not model.examples:
        return found
    case = plain(model.examples[0][1])
    return found | {"list": {"summary": "Several at once", "value": {"inputs": [case, case]}}}


def _more(feature: Feature, usual: Value) -> Mapping[str, Any]:
    more: Json = {}
    if feature.default is not None:
        more["default"] = feature.default
    if usual is not None:
        more["examples"] = [usual]
    return more
