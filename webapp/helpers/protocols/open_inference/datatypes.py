"""The protocol's datatypes and what they are in numpy and in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Little-endian, as binary tensors are; BYTES has lengths of its own.
NUMBERS: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype("?"),
    **{
        f"{prefix}INT{bits}": np.dtype(f"<{kind}{bits // 8}")
        for prefix, kind in [("U", "u"), ("", "i")]
        for bits in (8, 16, 32, 64)
    },
    **{f"FP{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
}
DATATYPES = (*NUMBERS, "BYTES")


def datatype_of(values: Sequence[Any]) -> str:
    """Give the datatype that holds all these values as they are; texts where nothing else does."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values):
        return "INT64"
    return "FP64" if kinds and kinds <= {int, float} else "BYTES"


def fits(value: object, datatype: str) -> bool:
    """Tell whether a value of JSON is one of a datatype; null is a blank, whatever the datatype."""
    if value is None:
        return True
    if datatype == "BYTES":
        return isinstance(value, str)
    if datatype == "BOOL":
        return isinstance(value, bool)
    if datatype.startswith("FP"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    span = np.iinfo(NUMBERS[datatype])
    return isinstance(value, int) and not isinstance(value, bool) and span.min <= value <= span.max
