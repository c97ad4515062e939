"""Keys whose hash costs nothing, collides with few others, and runs no code of the file's choice."""

from __future__ import annotations

from typing import Any

import numpy as np

from webapp.errors import ArtifactRefused

PLAIN_TYPES = (str, int, float, bool, bytes, type(None))
SCALAR_TYPES = (np.str_, np.bytes_, np.bool_, np.integer, np.floating)
MAX_PARTS = 100
#: From this number on, any count of whole numbers can be found that share one hash.
MAX_NUMBER = 2**61 - 1


def require_hashable(key: Any) -> int:
    """Refuse a key that is not plain or holds too many parts.

    A tuple that holds another one twice, which holds another one twice …, takes a few bytes and
    years to hash. The hashes of tuples and of large numbers can be made to collide, so that filling a
    dict takes hours; the hashes of texts differ between processes.

    Returns
    -------
    n_parts : int
        How many parts a tuple or frozenset has, itself included; 0 for any other key.
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
            raise ArtifactRefused("It uses a key that is not a plain value.")
    return seen if type(key) in (tuple, frozenset) else 0


def _is_plain(part: Any) -> bool:
    if isinstance(part, int | np.integer) and not -MAX_NUMBER < part < MAX_NUMBER:
        return False
    # The dry run's stand-ins say on their class that they are inert, where no file can say it.
    return type(part) in PLAIN_TYPES or isinstance(part, SCALAR_TYPES) or getattr(type(part), "inert", False) is True
