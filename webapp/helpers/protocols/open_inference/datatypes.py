"""The datatypes of the protocol, and what they are in numpy and in Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Little-endian, as binary tensors are; a value of BYTES begins with its own length.
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
    """Return the datatype that holds all these values unchanged: BYTES, for texts, where no other does."""
    kinds = {type(value) for value in values}
    if kinds == {bool}:
        return "BOOL"
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values):
        return "INT64"
    return "FP64" if kinds and kinds <= {int, float} else "BYTES"


def read_value(value: object, datatype: str) -> Any:
    """Convert a value of JSON to a datatype; null is a blank in all of them.

    Some clients write each number as a float, and true as 1.0.

    Raises
    ------
    ValueError
        When it is not a value of this datatype.
    """
    if value is None:
        return None
    if datatype == "BYTES":
        if isinstance(value, str):
            return value
    elif isinstance(value, bool):
        if datatype == "BOOL":
            return value
    elif isinstance(value, int | float):
        return _number(value, datatype)
    raise ValueError


def _number(value: float, datatype: str) -> Any:
    if datatype.startswith("FP"):
        return value
    if value != (whole := int(value)):
        raise ValueError
    if datatype == "BOOL":
        return (False, True)[range(2).index(whole)]
    span = np.iinfo(NUMBERS[datatype])
    if not span.min <= whole <= span.max:
        raise ValueError
    return whole
