"""Reads one tensor, from JSON or from binary data, into a flat list of values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.errors import InvalidInput
from webapp.helpers.inputs.messages import printable
from webapp.helpers.protocols.open_inference.binary import from_binary
from webapp.helpers.protocols.open_inference.datatypes import DATATYPES, read_value
from webapp.helpers.protocols.rows import check_row_count

#: The accepted values of ``content_type``; all of them mean the same values here.
CONTENT_TYPES = (None, "pd", "np", "str")
MAX_DIMENSIONS = 8


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """A named array, its values row by row."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: list[Any]

    @property
    def width(self) -> int:
        """The number of values in each of its rows."""
        return math.prod(self.shape[1:])


def read_tensor(sent: object, binary: memoryview, max_rows: int) -> tuple[Tensor, memoryview]:
    """Read one entry of ``inputs``, with its values from JSON or the binary data; return it and the rest of the data.

    Raises
    ------
    InvalidInput, MalformedTensors
    """
    if not isinstance(sent, dict) or not isinstance(name := sent.get("name"), str):
        raise InvalidInput("Each entry of inputs must be an object with name, shape, datatype and data.")
    about, datatype, shape = f"Tensor “{printable(name)}”", sent.get("datatype"), sent.get("shape")
    if datatype not in DATATYPES:
        raise InvalidInput(f"{about} must have one of the datatypes {', '.join(DATATYPES)}.")
    if not isinstance(shape, list) or not 1 <= len(shape) <= MAX_DIMENSIONS or not all(map(_is_size, shape)):
        raise InvalidInput(f"{about} must have a shape of one to {MAX_DIMENSIONS} whole numbers.")
    check_row_count(shape[0], max_rows)
    parameters = parameters_of(sent)
    count = math.prod(shape)
    if "binary_data_size" in parameters:
        data, binary = from_binary(binary, parameters["binary_data_size"], datatype, count)
    else:
        data = _flat(sent.get("data"), shape, about)
    if len(data) != count:
        raise InvalidInput(f"{about} must have as many values as its shape says.")
    try:
        values = [read_value(value, datatype) for value in data]
    except (ValueError, OverflowError):
        raise InvalidInput(f"{about} must have values of {datatype}.") from None
    return Tensor(name=name, datatype=datatype, shape=tuple(shape), data=values), binary


def parameters_of(sent: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a request or of one of its tensors.

    Raises
    ------
    InvalidInput
        When they are not an object, or name something that is not supported here.
    """
    parameters = sent.get("parameters")
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise InvalidInput("parameters must be an object.")
    if parameters.get("content_type") not in CONTENT_TYPES:
        raise InvalidInput("content_type must be pd, np or str.")
    if unsupported := [name for name in parameters if name.startswith("shared_memory") or name == "classification"]:
        raise InvalidInput(f"{printable(unsupported[0])} is not supported here.")
    return parameters


def _is_size(size: object) -> bool:
    return type(size) is int and size >= 0


def _flat(data: object, shape: Sequence[int], about: str) -> list[Any]:
    """Flatten nested lists, if they are nested as the shape says."""
    if not isinstance(data, list):
        raise InvalidInput(f"{about} must have a list as its data.")
    if not any(isinstance(value, list) for value in data):
        return data
    parts: list[Any] = [data]
    for size in shape:
        if not all(isinstance(part, list) and len(part) == size for part in parts):
            raise InvalidInput(f"{about} must be nested as its shape says, or not at all.")
        parts = [value for part in parts for value in part]
    return parts
