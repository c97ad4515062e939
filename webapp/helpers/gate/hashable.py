"""Keys whose hash costs nothing and runs nobody's code."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.errors import ArtifactRefused

PLAIN = (str, int, float, complex, bool, bytes, type(None), np.generic)
MAX_PARTS = 1000


def require_hashable(key: Any) -> None:
    """Refuse a key that isn't plain, or a tuple that holds too many parts.

    A tuple that holds another one twice, which holds another one twice …, takes a few bytes and
    years to hash.
    """
    parts = [key]
    seen = 0
    while parts:
        part = parts.pop()
        seen += 1
        if seen > MAX_PARTS:
            raise ArtifactRefused("It uses a key that is too large.")
        if type(part) in (tuple, frozenset):
            parts.extend(part)
        elif not isinstance(part, PLAIN) and not getattr(part, "inert", False):
            raise ArtifactRefused("It uses a key that is no plain value.")
