"""Tensors as raw bytes behind the JSON of a request or an answer."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from webapp.errors import MalformedTensors
from webapp.helpers.protocols.open_inference.datatypes import NUMBERS

LENGTH = struct.Struct("<I")
#: More digits than any body has bytes; Python refuses to read very many.
HEADER_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)


def split(body: bytes, header_length: str | None) -> tuple[bytes, memoryview]:
    """Divide a body into its JSON and its binary data, where Inference-Header-Content-Length says.

    Raises
    ------
    MalformedTensors
    """
    if header_length is None:
        return body, memoryview(b"")
    if not HEADER_LENGTH.fullmatch(header_length) or (length := int(header_length)) > len(body):
        raise MalformedTensors
    return body[:length], memoryview(body)[length:]


def from_binary(binary: memoryview, size: object, datatype: str, count: int) -> tuple[list[Any], memoryview]:
    """Read the values of one tensor from the start of the binary data; return them and the rest of the data.

    Raises
    ------
    MalformedTensors
    """
    if type(size) is not int or not 0 <= size <= len(binary):
        raise MalformedTensors
    part, rest = binary[:size], binary[size:]
    if datatype == "BYTES":
        return list(_texts(part)), rest
    if size != count * NUMBERS[datatype].itemsize:
        raise MalformedTensors
    return np.frombuffer(part, NUMBERS[datatype]).tolist(), rest


def to_binary(values: Sequence[Any], datatype: str) -> bytes:
    """Write values as the bytes of a tensor."""
    if datatype != "BYTES":
        return np.asarray(values, NUMBERS[datatype]).tobytes()
    texts = [value.encode() for value in values]
    return b"".join(LENGTH.pack(len(text)) + text for text in texts)


def _texts(part: memoryview) -> list[str]:
    texts, place = [], 0
    try:
        while place < len(part):
            (length,) = LENGTH.unpack_from(part, place)
            place += LENGTH.size + length
            if place > len(part):
                raise MalformedTensors
            texts.append(str(part[place - length : place], "utf-8"))
    except (struct.error, UnicodeDecodeError):
        raise MalformedTensors from None
    return texts
