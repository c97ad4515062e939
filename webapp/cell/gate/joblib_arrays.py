"""Arrays as joblib writes them: a wrapper that describes the array, and the array's bytes right behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from webapp.cell.gate.plain_values import is_shape
from webapp.cell.gate.reader import BoundedReader
from webapp.errors import ArtifactRefused

CHUNK_BYTES = 16 * 1024**2
MAX_DIMENSIONS = 32
NEEDED = {"subclass", "shape", "order", "dtype"}
KNOWN = NEEDED | {"allow_mmap", "numpy_array_alignment_bytes"}
NOT_AS_JOBLIB = "It stores an array in a way that joblib never does."


@dataclass(eq=False)
class Wrapper:
    """Stands for joblib's wrapper; the class of that name is never touched."""

    inert: ClassVar[bool] = True


@dataclass(frozen=True)
class ArrayHeader:
    """What a wrapper says of the array behind it."""

    shape: tuple[int, ...]
    order: str
    dtype: np.dtype[Any]
    aligned: bool

    @property
    def count(self) -> int:
        return math.prod(self.shape)


def parse_header(state: Any) -> ArrayHeader:
    """Check a wrapper's state field by field; the caller has already rebuilt its dtype."""
    if type(state) is not dict or not NEEDED <= set(state) <= KNOWN:
        raise ArtifactRefused(NOT_AS_JOBLIB)
    shape, order, dtype = state["shape"], state["order"], state["dtype"]
    alignment = state.get("numpy_array_alignment_bytes")
    sound = (
        is_shape(shape)
        and len(shape) <= MAX_DIMENSIONS
        and type(order) is str
        and order in ("C", "F")
        and isinstance(dtype, np.dtype)
        and (alignment is None or (type(alignment) is int and 0 < alignment <= 255))
    )
    if not sound:
        raise ArtifactRefused(NOT_AS_JOBLIB)
    return ArrayHeader(shape, order, dtype, alignment is not None)


def skip_array(reader: BoundedReader, header: ArrayHeader) -> None:
    """Read past the bytes of an array."""
    for size in _chunks(reader, header):
        reader.read(size)


def read_array(reader: BoundedReader, header: ArrayHeader) -> np.ndarray[Any, Any]:
    """Read the bytes of an array into a new one, in this machine's byte order."""
    chunks = _chunks(reader, header)
    array = np.empty(header.count, dtype=header.dtype)
    buffer = array.view(np.uint8) if header.dtype.itemsize else array
    start = 0
    for size in chunks:
        buffer[start : start + size] = np.frombuffer(reader.read(size), dtype=np.uint8)
        start += size
    native = array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    return native.reshape(header.shape, order=header.order)  # type: ignore[call-overload, no-any-return]


def _chunks(reader: BoundedReader, header: ArrayHeader) -> list[int]:
    """Pass over the padding, check that the array may be as large as it says, and return the sizes to read."""
    if header.aligned:
        reader.read(reader.read(1)[0])
    size = header.count * header.dtype.itemsize
    reader.require(size)
    return [min(CHUNK_BYTES, size - start) for start in range(0, size, CHUNK_BYTES)]
