"""From a request to rows: a tensor for each column, or one matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from webapp.errors import InvalidInput, MalformedTensors
from webapp.helpers.inputs.messages import printable
from webapp.helpers.inputs.strict_json import decode as decode_json
from webapp.helpers.protocols.open_inference.asked import Asked, read_asked
from webapp.helpers.protocols.open_inference.binary import split
from webapp.helpers.protocols.open_inference.tensors import Tensor, read_tensor
from webapp.helpers.protocols.rows import by_name, from_columns
from webapp.types import Signature


def decode(body: bytes, header_length: str | None, signature: Signature, most: int) -> tuple[list[Any], Asked]:
    """Read the rows of a request, at most so many, and what is asked for.

    Raises
    ------
    MalformedJSON, MalformedTensors, InvalidInput
    """
    head, binary = split(body, header_length)
    sent = decode_json(head)
    if not isinstance(sent, dict) or not isinstance(inputs := sent.get("inputs"), list) or not inputs:
        raise InvalidInput('The body must be a JSON object of the form {"inputs": [...]} with a tensor or more.')
    tensors = []
    for each in inputs:
        tensor, binary = read_tensor(each, binary, most)
        tensors.append(tensor)
    if binary:
        raise MalformedTensors
    return _rows(tensors, signature, most), read_asked(sent, signature)


def _rows(tensors: Sequence[Tensor], signature: Signature, most: int) -> list[Any]:
    width = len(signature.features)
    if len(tensors) == 1 and tensors[0].width == width and (width > 1 or not _names_a_feature(tensors[0], signature)):
        data = tensors[0].data
        return [by_name(data[start : start + width], signature) for start in range(0, len(data), width)]
    columns: dict[str, list[Any]] = {}
    for tensor in tensors:
        if not _names_a_feature(tensor, signature):
            raise InvalidInput(
                f"“{printable(tensor.name)}” is not an input of this model. Send a tensor for each of its inputs, "
                f"or one of the shape [n, {width}]."
            )
        if tensor.width != 1 or tensor.name in columns:
            raise InvalidInput(f"Send one tensor of the shape [n] or [n, 1] for “{printable(tensor.name)}”.")
        columns[tensor.name] = tensor.data
    return from_columns(columns, most)


def _names_a_feature(tensor: Tensor, signature: Signature) -> bool:
    return any(feature.name == tensor.name for feature in signature.features)
