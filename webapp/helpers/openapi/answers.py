"""The schemas of what one model gives."""

from __future__ import annotations

from typing import Any

from webapp.helpers.openapi.builders import array, key, nullable, record, ref
from webapp.helpers.openapi.described import DescribedModel, Json
from webapp.types import Channel, Output, Task

ID = {"type": "string", "format": "uuid", "description": "The record of this prediction."}
MOMENT = {"type": "string", "format": "date-time"}
#: What a model without classes answers.
TYPES: dict[Task, Any] = {
    "classification": {},
    "regression": {"type": "number"},
    "outlier detection": {"enum": [1, -1], "description": "1 is typical, -1 is unusual."},
    "clustering": {"type": "integer", "description": "The number of the cluster."},
    "prediction": {},
}
WARNINGS = array(ref("Notice"), description="What to know before trusting the answer, each a sentence with its place.")
EXPLANATIONS = {
    "type": ["array", "null"],
    "items": ref("Explanation"),
    "description": "With `explain=true`: why, for each output; null where there is no explanation.",
}


def prediction_name(model: DescribedModel) -> str:
    """Give the name of the component that is the schema of what is predicted."""
    return f"{key(model.name)}.Prediction"


def probabilities_name(model: DescribedModel) -> str:
    """Give the name of the component that is the schema of the probabilities."""
    return f"{key(model.name)}.Probabilities"


def answer_schema(model: DescribedModel) -> Json:
    """Describe the answer to one instance."""
    parts = _parts(model)
    head = {"id": ID, **_whose(model)}
    return record({**head, **parts, "created_at": MOMENT}, {"explanations": EXPLANATIONS})


def answers_schema(model: DescribedModel) -> Json:
    """Describe the answer to a list of instances."""
    each = record({"id": ID, **_parts(model)})
    return record({**_whose(model), "predictions": array(each, description="In the order of the instances.")})


def schemas(model: DescribedModel) -> Json:
    """Give the components that say what a model gives."""
    outputs, task = model.signature.outputs, model.signature.task
    found = {prediction_name(model): _one_or_all([_prediction(output, task) for output in outputs])}
    if model.signature.probabilities:
        found[probabilities_name(model)] = _one_or_all([_probabilities(output) for output in outputs])
    return found


def _parts(model: DescribedModel) -> Json:
    shares = {"probabilities": ref(probabilities_name(model))} if model.signature.probabilities else {}
    return {"prediction": ref(prediction_name(model)), **shares, "warnings": WARNINGS}


def _whose(model: DescribedModel) -> Json:
    return {"model": {"const": model.name}, "version": {"type": "string", "examples": [model.version]}}


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


def _explanation() -> Json:
    value = {"description": "A value of this input."}
    score, spread = {"type": "number"}, {"type": "number", "description": "Its standard error."}
    contribution = record({"feature": {"type": "string"}, "value": {"type": "number"}, "spread": spread})
    change = record({"feature": {"type": "string"}, "value": value, "score": score, "prediction": {}})
    point = record({"value": value, "score": score, "prediction": {}})
    return record(
        {
            "output": {"type": "string"},
            "explains": {"type": "object", "description": "The class whose probability is the score, or the answer."},
            "compared_with": {"enum": ["a typical case", "the sample"]},
            "baseline": score,
            "score": score,
            "contributions": array(contribution, description="They add up to score − baseline."),
            "changes": array(change, description="The nearest values of single inputs that change the answer."),
            "curves": array(record({"feature": {"type": "string"}, "points": array(point)})),
        },
        description="Why one output is as it is.",
    )


SCHEMAS = {
    "Explanation": _explanation(),
    "Record": record(
        {
            "id": ID,
            "created_at": MOMENT,
            "model": {"type": "string"},
            "version": {"type": "string"},
            "digest": {"type": "string", "description": "The SHA-256 of the file that answered."},
            "channel": {"enum": [*map(str, Channel)], "description": "Through which door it came."},
            "actor": nullable("string"),
            "request_id": {"type": "string"},
            "status": {"enum": ["answered", "failed", "rejected"]},
            "inputs": nullable("object"),
            "prediction": {},
            "probabilities": {},
            "errors": array(ref("Notice")),
            "warnings": array(ref("Notice")),
            "duration": {"type": "number", "description": "The model's time in seconds, for all answered together."},
        },
        {"explanations": EXPLANATIONS},
        description="One prediction as it is kept.",
    ),
}
