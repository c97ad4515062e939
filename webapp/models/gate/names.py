"""Names as a pickle spells them."""

from __future__ import annotations

import _compat_pickle
from typing import Any

from webapp.errors import ArtifactRefused

WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
RECONSTRUCTOR = ("copyreg", "_reconstructor")
DTYPE = ("numpy", "dtype")


def is_version(value: Any) -> bool:
    """Tell whether a value is short enough to be shown as a version."""
    return type(value) is str and len(value) <= 50


def spelled(module: str, name: str, protocol: int) -> tuple[str, str]:
    """Give a name in today's spelling; the oldest protocols use Python 2's.

    Raises
    ------
    ArtifactRefused
        When a name has dots in it and so reaches through one thing into another.
    """
    if not isinstance(module, str) or not isinstance(name, str) or "." in name:
        raise ArtifactRefused("It uses a name that reaches into something else.")
    if protocol < 3:
        module, name = _compat_pickle.NAME_MAPPING.get((module, name), (module, name))
        module = _compat_pickle.IMPORT_MAPPING.get(module, module)
    return module, name
