"""The modules of types that the operator trusts: the zygote imports them before any cell is locked."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

#: Why modules can't be imported. A cell could not find out, because it may not be able to read them.
IMPORT_ERRORS: dict[str, Exception] = {}


def import_trusted(names: Sequence[str]) -> tuple[Path, ...]:
    """Import the modules of these types, and return the folders of their packages, which cells may read."""
    return tuple(folder for name in names for folder in _folders(name))


def import_modules(names: Sequence[str]) -> None:
    """Import the operator's own modules of an environment, as far as they can be imported."""
    for name in names:
        # The warnings of libraries are for their developers, and would stand among the lines of the service.
        with suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(name)


def _folders(name: str) -> Iterator[Path]:
    module = name.rpartition(".")[0]
    try:
        importlib.import_module(module)
        package = sys.modules[module.partition(".")[0]]
        yield from map(Path, getattr(package, "__path__", ()))
    except Exception as error:
        # A file that uses it is refused with the reason.
        IMPORT_ERRORS[module] = error.with_traceback(None)
