"""Environments that are made within a second: with the libraries of the tests, and another module beside them."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from webapp.services.cells.environments import CONTENTS, Contents, Environments, write_contents

LIBRARIES = ("scikit-learn", "numpy", "pandas")
NONE: dict[str, str] = {}


def add_environment(
    folder: Path,
    name: str,
    modules: Mapping[str, str],
    *,
    scikit_learn: str | None = None,
    code: str = "",
    libraries: Mapping[str, str] = NONE,
    preloaded: Sequence[str] | None = None,
    is_pinned: bool = False,
) -> Environments:
    """Make an environment whose own modules have this code; it may say of itself that its scikit-learn is another."""
    place = folder / name
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    (folder_of_packages,) = place.glob("lib/python3*/site-packages")
    (folder_of_packages / "of_the_tests.pth").write_text(sysconfig.get_path("purelib"))
    for module, text in modules.items():
        (folder_of_packages / f"{module}.py").write_text(text)
    found = {library: metadata.version(library) for library in LIBRARIES} | libraries
    contents = Contents(
        python="3.11.0",
        libraries=found | ({"scikit-learn": scikit_learn} if scikit_learn else {}),
        packages=(*modules, "joblib", "numpy", "pandas", "scipy", "sklearn"),
        modules=tuple(modules),
        preloaded=tuple(modules if preloaded is None else preloaded),
        code=code,
        is_pinned=is_pinned,
    )
    (place / CONTENTS).write_bytes(write_contents(contents))
    return Environments(folder)
