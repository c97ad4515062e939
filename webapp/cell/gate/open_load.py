"""What a file may use in an environment with packages of the operator's own choice: all that is installed there.

Such packages can't be on a list. So the names are only kept to the environment's packages, and it is the lock that
holds what they do. An environment with nothing but our pinned libraries has the strict gate.
"""

from __future__ import annotations

import io
from functools import cache
from pkgutil import iter_modules
from sysconfig import get_path
from typing import Any

import joblib

from webapp.errors import ArtifactRefused

#: Modules of Python whose values are often part of a state.
PLAIN_MODULES = {
    *("__future__", "_codecs", "array", "collections", "copyreg", "datetime", "decimal", "enum", "fractions"),
    *("functools", "math", "numbers", "operator", "pathlib", "random", "re", "string", "types", "uuid", "zoneinfo"),
}

OTHER_VERSIONS = (
    "It may have been made with other versions of its libraries, such as pandas: see there with pip freeze, and add an "
    "environment with the same ones (docs/your-own-model.md)."
)


@cache
def installed_modules() -> frozenset[str]:
    """Return the names of the modules and packages that a file may use, without those inside packages."""
    return frozenset(
        PLAIN_MODULES | {module.name for module in iter_modules([get_path("purelib"), get_path("platlib")])}
    )


def open_load(data: bytes) -> Any:
    """Load a file whose names have been looked at; its code runs, and only the lock holds it.

    Raises
    ------
    ArtifactRefused
    """
    try:
        return joblib.load(io.BytesIO(data))
    except (ArtifactRefused, MemoryError):
        raise
    except (ImportError, AttributeError) as error:
        # Python words these after names, which the dry run has shown already.
        words = f"Its environment lacks something that it needs ({type(error).__name__})."
        raise ArtifactRefused(f"{words} {OTHER_VERSIONS}") from error
    except Exception as error:
        raise ArtifactRefused(
            f"It can't be read in its environment ({type(error).__name__}). {OTHER_VERSIONS}"
        ) from error
