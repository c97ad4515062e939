"""The containers of a model: what is inside them, as the code sees it that uses them."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch

MAPPINGS = (dict, OrderedDict, defaultdict, Bunch)


def parts_of(value: Any) -> Sequence[Any] | None:
    """Return what a container holds; None if the value is no container."""
    if type(value) in (list, tuple):
        return value  # type: ignore[no-any-return]
    if type(value) in (set, frozenset):
        return list(value)
    if type(value) in MAPPINGS:
        return list(value.values())
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        # A masked array shows less than it holds.
        return value.view(np.ndarray).ravel().tolist()  # type: ignore[no-any-return]
    return None
