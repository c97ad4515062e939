"""Turns a request into rows: from one tensor for each column, or from one matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from webapp.errors import InvalidInput, MalformedTensors
from webapp.helpers.inputs.messages import not_an_input, printable
from webapp.helpers.inputs.names import numbers
from webapp.helpers.inputs.strict_json import decode as decode_json
from webapp.helpers.protocols.open_inference.binary import split
from webapp.helpers.protocols.open_inference.requested_outputs import RequestedOutputs, read_requested_outputs
from webapp.helpers.protocols.open_inference.tensors import Tensor, read_tensor
from webapp.helpers.protocols.rows import name_row, rows_from_columns
from webapp.types import Signature


def decode(
    body: bytes, header_length: str | None, signature: Signature, max_rows: int
) -> tuple[list[Any], RequestedOutputs]:
    """Read the rows of a request, at most ``max_rows``, and which outputs it requests.

    Raises
    ------
    MalformedJSON, MalformedTensors, InvalidInput
    """
    head, binary = split(body, header_length)
    sent = decode_json(head)
    if not isinstance(sent, dict) or not isinstance(inputs := sent.get("inputs"), list) or not inputs:
        raise InvalidInput('The body must be a JSON object of the form {"inputs": [...]} with one or more tensors.')
    tensors = []
    for sent_tensor in inputs:
        tensor, binary = read_tensor(sent_tensor, binary, max_rows)
        tensors.append(tensor)
    if binary:
        raise MalformedTensors
    return _rows(tensors, signature, max_rows), read_requested_outputs(sent, signature)


def _rows(tensors: Sequence[Tensor], signature: Signature, max_rows: int) -> list[Any]:
    width, by_number = len(signature.features), numbers(signature)
    if len(tensors) > 1 and {tensor.name for tensor in tensors} <= by_number.keys():
        tensors = [replace(tensor, name=by_number[tensor.name]) for tensor in tensors]
    if len(tensors) == 1 and tensors[0].width == width and (width > 1 or not _names_a_feature(tensors[0], signature)):
        data = tensors[0].data
        return [name_row(data[start : start + width], signature) for start in range(0, len(data), width)]
    columns: dict[str, list[Any]] = {}
    names = [feature.name for feature in signature.features]
    for tensor in tensors:
        if not _names_a_feature(tensor, signature):
            raise InvalidInput(
                f"{not_an_input(tensor.name, names)} Send a tensor for each of its inputs, "
                f"or one of the shape [n, {width}]."
            )
        if tensor.width != 1 or tensor.name in columns:
            raise InvalidInput(f"Send one tensor of the shape [n] or [n, 1] for “{printable(tensor.name)}”.")
        columns[tensor.name] = tensor.data
    return rows_from_columns(columns, max_rows)


def _names_a_feature(tensor: Tensor, signature: Signature) -> bool:
    return any(feature.name == tensor.name for feature in signature.features)
