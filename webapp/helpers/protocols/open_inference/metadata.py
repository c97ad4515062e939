"""The inputs and outputs of a model, as the protocol describes them."""

from __future__ import annotations

from typing import Any

from webapp.helpers.protocols.open_inference.datatypes import datatype_of
from webapp.types import Feature, Output, Signature

PREDICT, PROBABILITIES, IDS, WARNINGS = "predict", "predict_proba", "prediction_id", "warnings"
#: The name of the only tensor of a model whose features have no names.
MATRIX = "input-0"


def metadata(signature: Signature) -> dict[str, Any]:
    """Describe the tensors of a model."""
    return {"inputs": _inputs(signature), "outputs": _outputs(signature)}


def output_names(signature: Signature) -> list[str]:
    """Return the names of a model's outputs: first scikit-learn's, then those about the records."""
    return [PREDICT, *(name for name, _ in probability_outputs(signature)), IDS, WARNINGS]


def probability_outputs(signature: Signature) -> list[tuple[str, Output]]:
    """Return the names of the tensors of probabilities, one for each output of the model."""
    if not signature.probabilities:
        return []
    if not signature.multi_output:
        return [(PROBABILITIES, signature.outputs[0])]
    return [(f"{PROBABILITIES}.{output.name}", output) for output in signature.outputs]


def prediction_datatype(signature: Signature) -> str:
    """Return the datatype of what the model predicts."""
    if classes := [value for output in signature.outputs for value in output.classes]:
        return datatype_of(classes)
    return "INT64" if signature.task in ("outlier detection", "clustering") else "FP64"


def _inputs(signature: Signature) -> list[dict[str, Any]]:
    features = signature.features
    if signature.layout == "array" and len(features) > 1 and all(feature.kind == "number" for feature in features):
        return [{"name": MATRIX, "datatype": "FP64", "shape": [-1, len(features)]}]
    return [{"name": feature.name, "datatype": _datatype(feature), "shape": [-1, 1]} for feature in features]


def _datatype(feature: Feature) -> str:
    if feature.choices:
        return datatype_of(feature.choices)
    return {"text": "BYTES", "boolean": "BOOL", "integer": "INT64"}.get(feature.kind, "FP64")


def _outputs(signature: Signature) -> list[dict[str, Any]]:
    shape = [-1, len(signature.outputs)] if signature.multi_output else [-1]
    shares = [
        {
            "name": name,
            "datatype": "FP64",
            "shape": [-1, len(output.classes)],
            "parameters": {"classes": [str(label) for label in output.classes]},
        }
        for name, output in probability_outputs(signature)
    ]
    predicted = {"name": PREDICT, "datatype": prediction_datatype(signature), "shape": shape}
    return [predicted, *shares, *({"name": name, "datatype": "BYTES", "shape": [-1]} for name in (IDS, WARNINGS))]
