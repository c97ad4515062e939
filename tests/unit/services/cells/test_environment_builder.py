"""webapp.services.cells.environment_builder: what it installs, from a folder with small wheels instead of an index"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from webapp.errors import EnvironmentRefused
from webapp.services.cells import environment_builder
from webapp.services.cells.environment_builder import Wanted, build
from webapp.services.cells.environments import Environments

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def write_wheel(folder: Path, name: str, version: str, needs: str = "") -> Path:
    """Write a package without a module that needs another one."""
    spelled = name.replace("-", "_")
    place, about = f"{spelled}-{version}.dist-info", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    path = folder / f"{spelled}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{place}/METADATA", about + (f"Requires-Dist: {needs}\n" if needs else ""))
        wheel.writestr(f"{place}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{place}/RECORD", "")
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all users may enter: pytest's are for the user of the tests only."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pinned libraries, which are two versions of scikit-learn and nothing else, and packages that need one of them."""
    wheels, folder = tmp_path / "wheels", tmp_path / "pins"
    wheels.mkdir()
    folder.mkdir()
    pinned = write_wheel(wheels, "scikit-learn", "1.2.2")
    write_wheel(wheels, "scikit-learn", "1.3.0")
    write_wheel(wheels, "modest-of-the-tests", "1.0", "scikit-learn>=1.2")
    write_wheel(wheels, "greedy-of-the-tests", "1.0", "scikit-learn>=1.3")
    digest = hashlib.sha256(pinned.read_bytes()).hexdigest()
    (folder / "scikit-learn-1.2.in").write_text(f"# Python {PYTHON}\nscikit-learn==1.2.2\n")
    (folder / "scikit-learn-1.2.txt").write_text(f"scikit-learn==1.2.2 --hash=sha256:{digest}\n")
    monkeypatch.setattr(environment_builder, "PINS", folder)
    monkeypatch.setattr(environment_builder, "OWN", folder / "scikit-learn-1.2.txt")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.usefixtures("pins")
@pytest.mark.parametrize(
    ("package", "problem"),
    [
        ("greedy-of-the-tests", r"^uv can't build it\. .*scikit-learn"),
        # It is installed; then our own code lacks all that it imports.
        ("modest-of-the-tests", r"^Our code can't run with these libraries\."),
    ],
)
def test_a_package_must_not_bring_another_scikit_learn(open_folder: Path, package: str, problem: str) -> None:
    environments = Environments(open_folder / "environments")
    with pytest.raises(EnvironmentRefused, match=problem):
        build(environments, "old", Wanted(scikit_learn="1.2", packages=[package]))
    assert list(environments.folder.iterdir()) == []
