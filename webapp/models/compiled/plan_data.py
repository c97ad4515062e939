"""The one form in which a plan crosses from its cell and lies on the disk.

A plan is a magic number with the version of the form, the length of a header, the header in JSON, and the arrays,
raw, each on a boundary of 64 bytes. The header holds the operations, in which a number stands for each array, and
describes the arrays in their order.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from webapp.models.compiled.blocks import Block
from webapp.models.compiled.refusals import PlanInvalid

#: Its last byte is the version of the form.
MAGIC = b"SDPLAN\x00\x01"
#: The magic number and the length of the header.
PREFIX_BYTES = len(MAGIC) + 8
ALIGNMENT = 64
#: Maximum length of a header; JSON takes about 25 times as much memory once it is read.
MAX_HEADER_BYTES = 4 * 2**20
DTYPES: dict[str, np.dtype[Any]] = {"float64": np.dtype("<f8"), "int32": np.dtype("<i4"), "bool": np.dtype("?")}


@dataclass(frozen=True)
class PlanData:
    """An exported estimator: operations as JSON has them, with arrays in their places."""

    operations: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Return the plan in the form that ``read_plan`` reads."""
        arrays: list[Block] = []
        described: list[dict[str, Any]] = []
        end = 0

        def place(array: Block) -> int:
            nonlocal end
            dtype, start = array.dtype.name, _aligned(end)
            arrays.append(np.ascontiguousarray(array, dtype=DTYPES[dtype]))
            described.append({"dtype": dtype, "shape": array.shape, "offset": start})
            end = start + array.nbytes
            return len(arrays) - 1

        operations = json.dumps(self.operations, default=place, allow_nan=False)
        header = f'{{"operations": {operations}, "arrays": {json.dumps(described)}}}'.encode()
        parts = [MAGIC + len(header).to_bytes(8, "little") + header, *(array.tobytes() for array in arrays)]
        return b"".join(part + b"\0" * (-len(part) % ALIGNMENT) for part in parts)


def split(data: bytes | memoryview) -> tuple[object, list[Block]]:
    """Return the operations of a plan, unchecked, and its arrays, which are views of these data.

    Raises
    ------
    PlanInvalid
    """
    view = memoryview(data).cast("B").toreadonly()
    if view[: len(MAGIC)] != MAGIC:
        raise PlanInvalid("it is not a plan of this version")
    length = int.from_bytes(view[len(MAGIC) : PREFIX_BYTES], "little")
    end = PREFIX_BYTES + length
    if not 0 < length <= min(MAX_HEADER_BYTES, len(view) - PREFIX_BYTES):
        raise PlanInvalid("its header is too long")
    header = _parsed(bytes(view[PREFIX_BYTES:end]))
    if type(header) is not dict or header.keys() != {"operations", "arrays"} or type(header["arrays"]) is not list:
        raise PlanInvalid("its header has other fields")
    begin = start = _end_of_padding(view, end)
    arrays = []
    for each in header["arrays"]:
        dtype, shape, offset = _described(each)
        count = math.prod(shape)
        if offset != begin - start or begin + count * dtype.itemsize > len(view):
            raise PlanInvalid("an array lies elsewhere")
        arrays.append(np.frombuffer(view, dtype, count, begin).reshape(shape))
        begin = _end_of_padding(view, begin + count * dtype.itemsize)
    if begin != len(view):
        raise PlanInvalid("it has another length")
    return header["operations"], arrays


def _end_of_padding(view: memoryview, end: int) -> int:
    aligned = _aligned(end)
    if view[end:aligned] != bytes(aligned - end):
        raise PlanInvalid("it has other padding")
    return aligned


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def _parsed(header: bytes) -> Any:
    try:
        return json.loads(header.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise PlanInvalid("its header is not JSON") from None


def _refuse(_constant: str) -> NoReturn:
    raise ValueError


def _described(described: Any) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    if type(described) is not dict or described.keys() != {"dtype", "shape", "offset"}:
        raise PlanInvalid("the description of an array has other fields")
    dtype, shape, offset = described["dtype"], described["shape"], described["offset"]
    if type(dtype) is not str or dtype not in DTYPES or type(offset) is not int:
        raise PlanInvalid("an array has another type")
    if type(shape) is not list or len(shape) not in (1, 2) or not all(type(n) is int and 0 < n < 2**31 for n in shape):
        raise PlanInvalid("an array has another shape")
    return DTYPES[dtype], tuple(shape), offset
