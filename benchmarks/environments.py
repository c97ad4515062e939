"""Makes a virtual environment for each peer, once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from load import NotServingError


def programs(requirements: Path, folder: Path) -> Path:
    """Install the requirements, unless that was done, and give the folder of the programs.

    Raises
    ------
    NotServingError
        They can't be installed; the message is pip's.
    """
    venv, done = folder / "venv", folder / "installed.txt"
    wanted = requirements.read_text()
    if not done.exists() or done.read_text() != wanted:
        print(f"Installing {requirements.parent.name}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)  # noqa: S603
        install = [venv / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
        told = subprocess.run(install, capture_output=True, text=True)  # noqa: S603
        if told.returncode:
            raise NotServingError(f"could not be installed: {told.stderr.strip().splitlines()[-1]}")
        done.write_text(wanted)
    return venv / "bin"
