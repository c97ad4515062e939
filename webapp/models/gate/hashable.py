"""Keys whose hash costs nothing, collides with few others, and runs nobody's code."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.errors import ArtifactRefused

PLAIN = (str, int, float, bool, bytes, type(None))
SCALARS = (np.str_, np.bytes_, np.bool_, np.integer, np.floating)
MAX_PARTS = 100
#: From here on, whole numbers share their hashes, as many as one likes.
MAX_NUMBER = 2**61 - 1


def require_hashable(key: Any) -> int:
    """Refuse a key that isn't plain or holds too many parts; give how many it holds beyond itself.

    A tuple that holds another one twice, which holds another one twice …, takes a few bytes and
    years to hash. The hashes of tuples and of large numbers can be made to collide, so that filling a
    dict takes hours; those of texts are different in every process.
    """
    parts = [key]
    seen = 0
    while parts:
        part = parts.pop()
        seen += 1
        if seen > MAX_PARTS:
            raise ArtifactRefused("It uses a key that is too large.")
        if type(part) in (tuple, frozenset):
            if len(part) > MAX_PARTS:
                raise ArtifactRefused("It uses a key that is too large.")
            parts.extend(part)
        elif not _is_plain(part):
            raise ArtifactRefused("It uses a key that is no plain value.")
    return seen if type(key) in (tuple, frozenset) else 0


def _is_plain(part: Any) -> bool:
    if isinstance(part, int | np.integer) and not -MAX_NUMBER < part < MAX_NUMBER:
        return False
    # What a dry run puts in the place of a value says so on its class, where no file can say it.
    return type(part) in PLAIN or isinstance(part, SCALARS) or getattr(type(part), "inert", False) is True
