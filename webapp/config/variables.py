"""Reads variables of the environment, or the files that they name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from webapp.errors import SettingsError
from webapp.regular_file import read_regular


def read_variable(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return a variable of the environment, or what is in the file that ``NAME_FILE`` names; None if both are unset.

    Raises
    ------
    SettingsError
        If the file can't be read, or is empty.
    """
    path = variable_file(name, environ)
    if not path:
        return environ.get(name)
    try:
        value = read_regular(path).decode().strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE: {path} can't be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name}_FILE: {path} is not text.") from None
    if not value:
        raise SettingsError(f"{name}_FILE: {path} is empty. Restore it, or unset {name}_FILE.")
    return value


def variable_file(name: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the file that holds a variable; None if it is not in one."""
    path = environ.get(f"{name}_FILE")
    return Path(path) if path else None
