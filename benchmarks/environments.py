"""Create a virtual environment for each peer, once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from load import NotServingError


def programs(requirements: Path, folder: Path) -> Path:
    """Install the requirements unless they are installed, and return the folder of the programs.

    Raises
    ------
    NotServingError
        When pip can't install them; the message is pip's.
    """
    venv, done = folder / "venv", folder / "installed.txt"
    required = requirements.read_text()
    if not done.exists() or done.read_text() != required:
        print(f"Installing {requirements.parent.name}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)  # noqa: S603
        install = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
        result = subprocess.run(install, capture_output=True, text=True)  # noqa: S603
        if result.returncode:
            raise NotServingError(f"could not be installed: {result.stderr.strip().splitlines()[-1]}")
        done.write_text(required)
    return venv / "bin"
