"""Finds a Python of a version on this machine by running it: one that is only named so may be none that runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from webapp.errors import EnvironmentRefused

VERSION = re.compile(r"3\.\d+(\.\d+)?", re.ASCII)
SHOW_VERSION = "import platform; print(platform.python_version())"
TIMEOUT_SECONDS = 10


def find_interpreter(wanted: str, newest: str | None = None) -> str:
    """Return the program of a Python that runs.

    Parameters
    ----------
    wanted : str
        Its version, such as 3.10; or its path or the name of its program.
    newest : str, optional
        The newest minor version that will do, if there is none of the wanted one.

    Raises
    ------
    EnvironmentRefused
    """
    if not VERSION.fullmatch(wanted):
        program = shutil.which(wanted)
        if program and _version_of(program):
            return program
        raise EnvironmentRefused(f"{wanted} is no Python that runs here. Use its path: --python /path/to/python3.11")
    versions = [wanted, *(f"3.{minor}" for minor in range(_minor(wanted) + 1, _minor(newest or wanted) + 1))]
    for version in versions:
        for program in _candidates(version):
            if f"{_version_of(program)}.".startswith(f"{version}."):
                return program
    words = " to ".join(dict.fromkeys((wanted, versions[-1])))
    raise EnvironmentRefused(
        f"This needs Python {words}, and none that runs was found. Install it or, if it is here already, say where: "
        f"--python /path/to/python3.{_minor(wanted)}"
    )


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def _candidates(version: str) -> Iterator[str]:
    """Yield programs that may have this version: the service's own, what is on PATH, and pyenv's and uv's."""
    name = f"python3.{_minor(version)}"
    yield sys.executable
    for folder in os.get_exec_path():
        if program := shutil.which(name, path=folder):
            yield program
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local" / "share" / "uv" / "python")
    for versions in (pyenv, uv):
        yield from map(str, sorted(versions.glob(f"*/bin/{name}")))


def _version_of(program: str) -> str | None:
    """Return the version of a Python; None if it does not run, as pyenv's program of a version that is not active."""
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            [program, "-I", "-c", SHOW_VERSION], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
