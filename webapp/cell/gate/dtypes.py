"""dtypes, numpy's descriptions of what an array holds, rebuilt from their parts.

A false one makes numpy take bytes of the file for objects, and run whatever code these point to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from webapp.errors import ArtifactRefused

#: How numpy spells the simple types, such as ``<f8``.
SPELLING = re.compile(r"[|<>=]?([?biufcmMO]\d{0,2}|[SUV]\d{1,9})", re.ASCII)
MAX_FIELDS = 100
NOT_AS_NUMPY = "It describes an array in a way that numpy never does."


def new_dtype(args: Any) -> np.dtype[Any]:
    """Return the dtype that numpy pickles as ``dtype(text, False, True)``."""
    if not (type(args) is tuple and len(args) == 3 and args[1:] in ((False, True), (0, 1))):
        raise ArtifactRefused(NOT_AS_NUMPY)
    if not (type(args[0]) is str and SPELLING.fullmatch(args[0])):
        raise ArtifactRefused(NOT_AS_NUMPY)
    try:
        return np.dtype(args[0], False, True)
    except (TypeError, ValueError) as error:
        raise ArtifactRefused(NOT_AS_NUMPY) from error


def rebuild_dtype(dtype: np.dtype[Any], state: Any) -> np.dtype[Any]:
    """Build the dtype that a pickled state describes; refuse it unless numpy would pickle it in the same way.

    Nothing from the file becomes part of a dtype: numpy keeps the dict of fields that it is given, and the
    file could change that dict later. The caller therefore takes the state from the dtype built here.
    """
    if not (type(state) is tuple and len(state) in (8, 9) and state[2] is None):
        raise ArtifactRefused(NOT_AS_NUMPY)
    try:
        for candidate in _candidates(dtype, state):
            if candidate.kind == dtype.kind and state_of(candidate) == state:
                return candidate
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError):
        pass
    raise ArtifactRefused("It holds an array whose description is false.")


def state_of(dtype: np.dtype[Any]) -> Any:
    """Return the state that numpy would pickle."""
    return dtype.__reduce__()[2]


def _candidates(dtype: np.dtype[Any], state: tuple[Any, ...]) -> Iterator[np.dtype[Any]]:
    if state[3] is None:
        yield _simple(dtype, state)
        return
    names, fields, itemsize = state[3:6]
    if len(names) > MAX_FIELDS or set(names) != set(fields):
        return
    parts = [fields[name] for name in names]
    # A record of records of records … takes a few bytes in the file and years to compare.
    if not all(len(part) == 2 and isinstance(part[0], np.dtype) and part[0].names is None for part in parts):
        return
    layout = {
        "names": list(names),
        "formats": [part[0] for part in parts],
        "offsets": [part[1] for part in parts],
        "itemsize": itemsize,
    }
    yield np.dtype(layout)  # type: ignore[call-overload]
    yield np.dtype(layout, align=True)  # type: ignore[call-overload]


def _simple(dtype: np.dtype[Any], state: tuple[Any, ...]) -> np.dtype[Any]:
    if dtype.kind in "mM":
        unit, count = state[8][1][:2]
        dtype = np.dtype(f"{dtype.kind}8[{int(count)}{unit.decode('ascii')}]")
    return dtype if state[1] in ("|", "=") else dtype.newbyteorder(state[1])
