"""Names: how a pickle spells them, and the four that the gate treats differently from all others.

A pickle names a function or a class by its module and its name in there, such as ``("numpy", "dtype")``.
Such a pair is the key by which the allow-list grants a use and by which every rule is found.
"""

from __future__ import annotations

import _compat_pickle

from webapp.errors import ArtifactRefused

#: joblib's wrapper of an array whose bytes follow in the file. Its class is never imported.
WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
#: The function by which the two oldest protocols create an instance. The gate creates it instead.
RECONSTRUCTOR = ("copyreg", "_reconstructor")
#: numpy's description of an element of an array. The gate builds it from its parts.
DTYPE = ("numpy", "dtype")
#: What a pickle calls for a method of a type, such as ``str.lower``.
METHOD = ("builtins", "getattr")


def key_of(kind: type) -> tuple[str, str]:
    """Return the key of a class."""
    return kind.__module__, kind.__qualname__


def current_spelling(module: str, name: str, protocol: int) -> tuple[str, str]:
    """Return the key of a name in today's spelling; the oldest protocols use the spelling of Python 2.

    Raises
    ------
    ArtifactRefused
        When a name has a dot in it and so reaches through one object into another.
    """
    if not isinstance(module, str) or not isinstance(name, str) or "." in name:
        raise ArtifactRefused("It uses a name that reaches into another object.")
    if protocol < 3:
        module, name = _compat_pickle.NAME_MAPPING.get((module, name), (module, name))
        module = _compat_pickle.IMPORT_MAPPING.get(module, module)
    return module, name
