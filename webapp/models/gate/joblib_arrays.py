"""Arrays whose bytes stand in the file behind a wrapper, as joblib writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from webapp.errors import ArtifactRefused
from webapp.models.gate.booleans import require_truths
from webapp.models.gate.reader import BoundedReader

CHUNK = 16 * 1024**2
NEEDED = {"subclass", "shape", "order", "dtype"}
KNOWN = NEEDED | {"allow_mmap", "numpy_array_alignment_bytes"}


@dataclass(eq=False)
class Wrapper:
    """Stands for joblib's wrapper; the class of that name is never touched."""

    inert: ClassVar[bool] = True


@dataclass(frozen=True)
class Described:
    """What a wrapper says of the array behind it."""

    shape: tuple[int, ...]
    order: str
    dtype: np.dtype[Any]
    aligned: bool

    @property
    def count(self) -> int:
        return math.prod(self.shape)


def described(state: Any) -> Described:
    """Read a wrapper's state, field by field; its dtype must be rebuilt by now."""
    if type(state) is not dict or not NEEDED <= set(state) <= KNOWN:
        raise ArtifactRefused("It wraps an array in a way that joblib does not.")
    shape, order, dtype = state["shape"], state["order"], state["dtype"]
    alignment = state.get("numpy_array_alignment_bytes")
    sound = (
        type(shape) is tuple
        and all(type(length) is int and length >= 0 for length in shape)
        and len(shape) <= 32
        and type(order) is str
        and order in ("C", "F")
        and isinstance(dtype, np.dtype)
        and (alignment is None or (type(alignment) is int and 0 < alignment <= 255))
    )
    if not sound:
        raise ArtifactRefused("It wraps an array in a way that joblib does not.")
    return Described(shape, order, dtype, alignment is not None)


def skip(reader: BoundedReader, array: Described) -> None:
    """Pass over the bytes of an array."""
    for size in _chunks(reader, array):
        reader.read(size)


def read(reader: BoundedReader, array: Described) -> np.ndarray[Any, Any]:
    """Read the bytes of an array into a new one, in this machine's byte order."""
    chunks = _chunks(reader, array)
    made = np.empty(array.count, dtype=array.dtype)
    buffer = made.view(np.uint8) if array.dtype.itemsize else made
    start = 0
    for size in chunks:
        buffer[start : start + size] = np.frombuffer(reader.read(size), dtype=np.uint8)
        start += size
    require_truths(made)
    native = made if made.dtype.isnative else made.astype(made.dtype.newbyteorder("="))
    return native.reshape(array.shape, order=array.order)  # type: ignore[call-overload, no-any-return]


def _chunks(reader: BoundedReader, array: Described) -> list[int]:
    if array.aligned:
        reader.read(reader.read(1)[0])
    size = array.count * array.dtype.itemsize
    reader.require(size)
    return [min(CHUNK, size - start) for start in range(0, size, CHUNK)]
