"""The blocks of numbers that operations hand to each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.models.compiled.refusals import Unsure

#: A table of rows and columns: floats, or objects where not all columns are numbers.
Block = np.ndarray[Any, Any]
#: For each column of a block, whether it holds numbers.
Numeric = tuple[bool, ...]


def require_finite(X: Block) -> Block:
    """Return the block if all its numbers are finite.

    Raises
    ------
    Unsure
        When one is not; scikit-learn refuses most of these with messages of its own.
    """
    if not np.isfinite(X).all():
        raise Unsure
    return X


def as_float32(X: Block) -> Block:
    """Convert numbers to 32 bits, in which scikit-learn's trees compare them.

    Raises
    ------
    Unsure
        When one is blank or too large for 32 bits; scikit-learn has error messages for both.
    """
    with np.errstate(over="ignore"):
        return require_finite(np.ascontiguousarray(X, dtype=np.float32))
