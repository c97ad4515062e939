"""The schemas of what one model gives."""

from __future__ import annotations

from typing import Any

from webapp.helpers.openapi.builders import key, record, ref
from webapp.helpers.openapi.described import DescribedModel, Json
from webapp.helpers.openapi.schemas import components
from webapp.types import Output, Task

#: What a model without classes answers.
TYPES: dict[Task, Any] = {
    "classification": {},
    "regression": {"type": "number"},
    "outlier detection": {"enum": [1, -1], "description": "1 is typical, -1 is unusual."},
    "clustering": {"type": "integer", "description": "The number of the cluster."},
    "prediction": {},
}


def prediction_name(model: DescribedModel) -> str:
    """Give the name of the component that is the schema of what is predicted."""
    return f"{key(model.name)}.Prediction"


def probabilities_name(model: DescribedModel) -> str:
    """Give the name of the component that is the schema of the probabilities."""
    return f"{key(model.name)}.Probabilities"


def answer_schema(model: DescribedModel) -> Json:
    """Describe the answer to one instance."""
    return _of_model(model, components()["Answer"])


def answers_schema(model: DescribedModel) -> Json:
    """Describe the answer to a list of instances."""
    listed = _of_model(model, components()["ListedAnswer"])
    schema = _of_model(model, components()["Answers"])
    predictions = schema["properties"]["predictions"] | {"items": listed}
    return schema | {"properties": schema["properties"] | {"predictions": predictions}}


def schemas(model: DescribedModel) -> Json:
    """Give the components that say what a model gives."""
    outputs, task = model.signature.outputs, model.signature.task
    found = {prediction_name(model): _one_or_all([_prediction(output, task) for output in outputs])}
    if model.signature.probabilities:
        found[probabilities_name(model)] = _one_or_all([_probabilities(output) for output in outputs])
    return found


def _of_model(model: DescribedModel, schema: Json) -> Json:
    """Narrow the schema of an answer down to what this model answers."""
    known: Json = {
        "model": {"const": model.name},
        "version": {"type": "string", "examples": [model.version]},
        "prediction": ref(prediction_name(model)),
        "probabilities": ref(probabilities_name(model)) if model.signature.probabilities else None,
    }
    properties = {name: known.get(name, described) for name, described in schema["properties"].items()}
    properties = {name: described for name, described in properties.items() if described is not None}
    required = [name for name in properties if name in schema["required"] or name == "probabilities"]
    return schema | {"properties": properties, "required": required}


def _prediction(output: Output, task: Task) -> Json:
    return {"enum": list(output.classes)} if output.classes else dict(TYPES[task])


def _probabilities(output: Output) -> Json:
    share = {"type": "number"}
    if not output.classes:
        return {"type": "object", "additionalProperties": share}
    return record({str(each): share for each in output.classes}, additionalProperties=False)


def _one_or_all(each: list[Json]) -> Json:
    """Give the only one, or a list with one for each output."""
    if len(each) == 1:
        return each[0]
    return {"type": "array", "prefixItems": each, "minItems": len(each), "maxItems": len(each)}
