"""The schemas of the answers of one model."""

from __future__ import annotations

from typing import Any

from webapp.helpers.openapi.builders import component_key, object_schema, ref
from webapp.helpers.openapi.described import DescribedModel, Json
from webapp.helpers.openapi.schemas import components
from webapp.types import Output, Task

#: The schema of a prediction, for models without classes.
PREDICTION_SCHEMAS: dict[Task, Any] = {
    "classification": {},
    "regression": {"type": "number"},
    "outlier detection": {"enum": [1, -1], "description": "1 is typical, -1 is unusual."},
    "clustering": {"type": "integer", "description": "The number of the cluster."},
    "prediction": {},
}


def prediction_name(model: DescribedModel) -> str:
    """Return the name of the component for a prediction."""
    return f"{component_key(model.name)}.Prediction"


def probabilities_name(model: DescribedModel) -> str:
    """Return the name of the component for probabilities."""
    return f"{component_key(model.name)}.Probabilities"


def answer_schema(model: DescribedModel) -> Json:
    """Build the schema of the answer to one instance."""
    return _of_model(model, components()["Answer"])


def answers_schema(model: DescribedModel) -> Json:
    """Build the schema of the answer to a list of instances."""
    listed = _of_model(model, components()["ListedAnswer"])
    schema = _of_model(model, components()["Answers"])
    predictions = schema["properties"]["predictions"] | {"items": listed}
    return schema | {"properties": schema["properties"] | {"predictions": predictions}}


def schemas(model: DescribedModel) -> Json:
    """Return the components for the predictions and probabilities of a model."""
    outputs, task = model.signature.outputs, model.signature.task
    components = {prediction_name(model): _one_or_all([_prediction(output, task) for output in outputs])}
    if model.signature.probabilities:
        components[probabilities_name(model)] = _one_or_all([_probabilities(output) for output in outputs])
    return components


def _of_model(model: DescribedModel, schema: Json) -> Json:
    """Narrow the schema of an answer to the answers of this model."""
    narrowed: Json = {
        "model": {"const": model.name},
        "version": {"type": "string", "examples": [model.version]},
        "prediction": ref(prediction_name(model)),
        "probabilities": ref(probabilities_name(model)) if model.signature.probabilities else None,
    }
    properties = {name: narrowed.get(name, member) for name, member in schema["properties"].items()}
    properties = {name: member for name, member in properties.items() if member is not None}
    required = [name for name in properties if name in schema["required"] or name == "probabilities"]
    return schema | {"properties": properties, "required": required}


def _prediction(output: Output, task: Task) -> Json:
    return {"enum": list(output.classes)} if output.classes else dict(PREDICTION_SCHEMAS[task])


def _probabilities(output: Output) -> Json:
    probability = {"type": "number"}
    if not output.classes:
        return {"type": "object", "additionalProperties": probability}
    return object_schema({str(name): probability for name in output.classes}, additionalProperties=False)


def _one_or_all(schemas: list[Json]) -> Json:
    """Return the only schema, or the schema of a list with one item for each output."""
    if len(schemas) == 1:
        return schemas[0]
    return {"type": "array", "prefixItems": schemas, "minItems": len(schemas), "maxItems": len(schemas)}
