"""The containers of a model: what is inside them, as the code sees it that uses them."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import Any

import numpy as np
from sklearn.utils import Bunch

#: How deep the parts of a model are nested in containers: a list of lists of trees, for example.
MAX_DEPTH = 3
MAPPINGS = (dict, OrderedDict, defaultdict, Bunch)


def parts_of(value: Any) -> list[Any] | None:
    """Return what a container holds; None if the value is no container."""
    if type(value) in (list, tuple, set, frozenset):
        return list(value)
    if type(value) in MAPPINGS:
        return list(value.values())
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        # A masked array shows less than it holds.
        return list(value.view(np.ndarray).flat)
    return None
