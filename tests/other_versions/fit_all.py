"""Makes an environment for each version and writes the archive of what it fits.

``python -m tests.other_versions.fit_all``, or with versions after it. It needs uv on the PATH, and Python 3.11.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

FOLDER = Path(__file__).parent
#: Each version of scikit-learn with the numpy, scipy and pandas of its time.
VERSIONS = {
    "1.4.2": ("numpy==1.26.4", "scipy==1.12.0", "pandas==2.2.2"),
    "1.5.2": ("numpy==1.26.4", "scipy==1.13.1", "pandas==2.2.3"),
    "1.6.1": ("numpy==2.0.2", "scipy==1.14.1", "pandas==2.2.3"),
    "1.7.2": ("numpy==2.2.6", "scipy==1.15.3", "pandas==2.3.3"),
    "1.8.0": ("numpy==2.3.5", "scipy==1.16.3", "pandas==2.3.3"),
}


def fit(version: str, folder: Path) -> None:
    """Write the archive of one version."""
    python = str(folder / "bin" / "python")
    subprocess.run(["uv", "venv", "--quiet", "--python", "3.11", str(folder)], check=True)
    packages = [f"scikit-learn=={version}", *VERSIONS[version], "joblib"]
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, *packages], check=True)
    archive = FOLDER / "archives" / f"{version}.tar.xz"
    subprocess.run([python, str(FOLDER / "fit.py"), str(archive)], check=True)


def main(versions: list[str]) -> None:
    for version in versions or list(VERSIONS):
        with TemporaryDirectory() as folder:
            fit(version, Path(folder) / version)


if __name__ == "__main__":
    main(sys.argv[1:])
