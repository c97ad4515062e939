"""Turns predictions into the tensors of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from webapp.helpers.protocols.error_sentence import one_sentence
from webapp.helpers.protocols.open_inference.binary import to_binary
from webapp.helpers.protocols.open_inference.datatypes import datatype_of
from webapp.helpers.protocols.open_inference.metadata import (
    IDS,
    PREDICT,
    WARNINGS,
    prediction_datatype,
    probability_outputs,
)
from webapp.helpers.protocols.open_inference.requested_outputs import RequestedOutputs
from webapp.helpers.protocols.records import warnings_of
from webapp.types import Notice, Prediction, Signature

#: The protocol has no status 422.
STATUSES = {422: 400}


def encode(
    predictions: Sequence[Prediction], requested: RequestedOutputs, signature: Signature, head: dict[str, Any]
) -> tuple[bytes, int | None]:
    """Write the answer: ``head`` and the requested outputs.

    Returns
    -------
    body : bytes
    header_length : int or None
        Where the JSON ends and the binary data begin; None without binary data.
    """
    outputs, parts = [], []
    for name, binary in requested.outputs.items():
        datatype, shape, data = _tensor(name, predictions, signature)
        tensor: dict[str, Any] = {"name": name, "datatype": datatype, "shape": shape}
        if binary:
            parts.append(to_binary(data, datatype))
            outputs.append(tensor | {"parameters": {"binary_data_size": len(parts[-1])}})
        else:
            outputs.append(tensor | {"data": data})
    body = orjson.dumps(head | {"outputs": outputs})
    return b"".join([body, *parts]), len(body) if parts else None


def encode_error(message: str, status: int, errors: Sequence[Notice] = ()) -> tuple[dict[str, Any], int]:
    """Return the body and the status of an error."""
    return {"error": one_sentence(message, errors)}, STATUSES.get(status, status)


def _tensor(name: str, predictions: Sequence[Prediction], signature: Signature) -> tuple[str, list[int], list[Any]]:
    count = len(predictions)
    if name == IDS:
        return "BYTES", [count], [str(item.id) for item in predictions]
    if name == WARNINGS:
        return "BYTES", [count], [" ".join(warnings_of(item)) for item in predictions]
    answers = [item.answer for item in predictions if item.answer]
    if name == PREDICT:
        return _prediction_tensor([answer.prediction for answer in answers], signature)
    names = [name for name, _ in probability_outputs(signature)]
    place = names.index(name)
    rows = [answer.probabilities[place] if signature.multi_output else answer.probabilities for answer in answers]
    return "FP64", [count, len(rows[0])], [share for row in rows for share in row.values()]


def _prediction_tensor(values: list[Any], signature: Signature) -> tuple[str, list[int], list[Any]]:
    shape = [len(values), len(signature.outputs)] if signature.multi_output else [len(values)]
    flat = [value for row in values for value in row] if signature.multi_output else values
    datatype = prediction_datatype(signature)
    if signature.task != "regression" and not signature.outputs[0].classes:
        datatype = datatype_of(flat)
    if datatype == "BYTES":
        flat = [value if isinstance(value, str) else orjson.dumps(value).decode() for value in flat]
    return datatype, shape, flat
