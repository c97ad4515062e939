"""Booleans with a byte other than 0 or 1, which numpy's own loops count wrongly."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.errors import ArtifactRefused


def require_valid_booleans(array: np.ndarray[Any, Any]) -> None:
    """Refuse an array of booleans that holds a byte other than 0 and 1.

    numpy reserves memory for as many elements as it counts, then copies as many as it finds.
    """
    fields = array.dtype.fields or {}
    if any(field[0].kind == "b" for field in fields.values()):
        raise ArtifactRefused("It holds booleans inside a record, which no model needs.")
    if array.dtype.kind == "b" and array.size and array.reshape(-1).view(np.uint8).max() > 1:
        raise ArtifactRefused("It holds booleans that are neither true nor false.")
