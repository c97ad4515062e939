"""Builds an environment with uv, when the operator says so: never for a request.

A file that the operator names decides its scikit-learn and which packages of our own list are installed, no others.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import iter_modules
from uuid import uuid4

from webapp.config import ROOT
from webapp.errors import EnvironmentRefused
from webapp.services.cells.environments import CONTENTS, OWN, Contents, Environment, Environments, write_contents
from webapp.services.cells.interpreters import find_interpreter

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
#: The files of pinned libraries for each version of scikit-learn.
PINS = ROOT / "environments"
#: What our own code needs of the libraries that the operator may choose versions of.
CHOSEN = ("joblib", "numpy", "pandas", "scikit-learn")
PYTHON = re.compile(r"^# Python (3\.\d+)$", re.MULTILINE)
NEWEST_PYTHON = re.compile(r"^# to (3\.\d+)$", re.MULTILINE)
#: The one that Scoredesk itself runs on.
OWN_PYTHON = f"3.{sys.version_info.minor}"
DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
#: Prints the modules of distributions.
MODULES_OF = """
import json, re, sys
from importlib import metadata
names = {re.sub("[-_.]+", "-", name).lower() for name in sys.argv[1:]}
owners = metadata.packages_distributions().items()
print(json.dumps([m for m, of in owners if names & {re.sub("[-_.]+", "-", name).lower() for name in of}]))
"""
TIMEOUT_SECONDS = 1800


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the operator wants in an environment."""

    #: The minor version of scikit-learn whose pinned libraries are installed; else those of the other fields.
    scikit_learn: str | None = None
    requirements: Path | None = None
    packages: Sequence[str] = ()
    #: Wheels, projects, folders of a package and modules with the operator's own code.
    code: Sequence[Path] = ()
    python: str | None = None

    @property
    def is_pinned(self) -> bool:
        """Whether nothing is wanted but the libraries pinned for a version of scikit-learn."""
        return bool(self.scikit_learn) and not (self.requirements or self.packages or self.code)


def pinned_versions() -> list[str]:
    """Return the minor versions of scikit-learn for which there are pinned libraries, oldest first."""
    found = [path.stem.removeprefix("scikit-learn-") for path in PINS.glob("scikit-learn-*.txt")]
    return sorted(found, key=lambda version: [int(part) for part in version.split(".")])


def build(environments: Environments, name: str, wanted: Wanted) -> Environment:
    """Build an environment beside its place, and put it there when it is complete.

    Raises
    ------
    EnvironmentRefused
        With the reason in a sentence or two.
    """
    if not NAME.fullmatch(name):
        raise EnvironmentRefused("The name has up to 40 letters, digits, dots, dashes and underscores.")
    place = environments.folder / name
    if place.exists():
        raise EnvironmentRefused(f"There is an environment {name} already. Remove it first, or choose another name.")
    environments.folder.mkdir(parents=True, exist_ok=True)
    _require_readable(environments.folder)
    folder = environments.folder / f".{uuid4().hex}"
    try:
        _install(folder, wanted)
        (folder / CONTENTS).write_bytes(write_contents(_contents(folder, wanted)))
        folder.rename(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    built = environments.get(name)
    if built is None:
        raise EnvironmentRefused(f"{place / CONTENTS} can't be read.")
    return built


def _require_readable(folder: Path) -> None:
    """Refuse a folder that the processes of models can't enter."""
    closed = [path for path in (folder, *folder.resolve().parents) if not path.stat().st_mode & stat.S_IXOTH]
    if os.getuid() == 0 and closed:
        raise EnvironmentRefused(
            f"This service runs as root, so its models run as nobody, who can't enter {closed[-1]}. Run it as another "
            "user, or set ENVIRONMENTS_DIR to a folder that all users may read."
        )


def remove(environments: Environments, name: str) -> None:
    """Remove an environment; models that need it are not served any more.

    Raises
    ------
    EnvironmentRefused
    """
    if not NAME.fullmatch(name) or not (environments.folder / name / CONTENTS).exists():
        raise EnvironmentRefused(f"There is no environment {name}.")
    # What is half removed must not be taken for complete.
    (environments.folder / name / CONTENTS).unlink()
    shutil.rmtree(environments.folder / name)


def _install(folder: Path, wanted: Wanted) -> None:
    pins = _pins(wanted.scikit_learn) if wanted.scikit_learn else None
    oldest, newest = _pythons(pins) if pins else (OWN_PYTHON, None)
    python = find_interpreter(wanted.python) if wanted.python else find_interpreter(oldest, newest)
    _uv("venv", "--python", python, "--no-python-downloads", str(folder))
    if pins:
        _pip(folder, "--require-hashes", "--requirements", str(pins))
    if not pins or wanted.requirements or wanted.packages:
        requirements = ("--requirements", str(wanted.requirements)) if wanted.requirements else ()
        # Another package must not bring another scikit-learn than the one that was asked for; the operator may.
        kept = not_named(pins.with_suffix(".in").read_text().splitlines(), wanted) if pins else CHOSEN
        _pip(folder, *requirements, *wanted.packages, *kept)
    # Last and alone, so that no other requirement takes their place.
    _pip(folder, "--require-hashes", "--no-deps", "--requirements", str(OWN))
    for path in wanted.code:
        _install_code(folder, path)
    _try(folder)


def _pythons(pins: Path) -> tuple[str, str | None]:
    """Return the Python that pinned libraries were chosen for, and the newest that all of them have wheels for."""
    text = pins.with_suffix(".in").read_text()
    found, newest = PYTHON.search(text), NEWEST_PYTHON.search(text)
    return found[1] if found else OWN_PYTHON, newest[1] if newest else None


def _pins(version: str) -> Path:
    minor = ".".join(version.split(".")[:2])
    path = PINS / f"scikit-learn-{minor}.txt"
    if not path.exists():
        raise EnvironmentRefused(
            f"There are pinned libraries for scikit-learn {', '.join(pinned_versions())}. For another version, write "
            "a requirements file and use --requirements."
        )
    return path


def _install_code(folder: Path, path: Path) -> None:
    if path.suffix == ".whl" or any((path / name).exists() for name in ("pyproject.toml", "setup.py")):
        _pip(folder, "--no-deps", str(path))
    elif (path / "__init__.py").exists():
        shutil.copytree(path, _packages(folder) / path.name, ignore=shutil.ignore_patterns("__pycache__"))
    elif path.suffix == ".py" and path.is_file():
        shutil.copy(path, _packages(folder))
    else:
        raise EnvironmentRefused(f"{path} is no wheel, no project, no package with an __init__.py and no module.")


def _packages(folder: Path) -> Path:
    (found,) = (folder / "lib").glob("python3*/site-packages")
    return found


def _try(folder: Path) -> None:
    """Import what the process of a model needs."""
    code = "from webapp.cell.preload import preload; preload(); import webapp.cell.zygote"
    _run([str(folder / "bin" / "python"), "-B", "-c", code], "Our code can't run with these libraries.")


def _contents(folder: Path, wanted: Wanted) -> Contents:
    program = str(folder / "bin" / "python")
    found = json.loads(_uv("pip", "list", "--python", program, "--format", "json"))
    version = _run([program, "-c", "import platform; print(platform.python_version())"], "Its Python does not run.")
    modules = {path.name.split(".")[0].split("-")[0] for path in wanted.code}
    named = json.loads(_run([program, "-c", MODULES_OF, *_named(wanted)], "Its packages can't be listed."))
    return Contents(
        python=version.strip(),
        libraries={each["name"]: each["version"] for each in found},
        packages=tuple(sorted(module.name for module in iter_modules([str(_packages(folder))]))),
        modules=tuple(sorted(modules)),
        preloaded=tuple(sorted({*modules, *named})),
        code=_digest(wanted.code) if wanted.code else "",
        is_pinned=wanted.is_pinned,
    )


def _named(wanted: Wanted) -> list[str]:
    """Return the names in what the operator wrote, as far as they begin an entry or a line."""
    lines = wanted.requirements.read_text().splitlines() if wanted.requirements else []
    return [found[0] for entry in (*wanted.packages, *lines) if (found := DISTRIBUTION.match(entry))]


def not_named(lines: Sequence[str], wanted: Wanted) -> list[str]:
    """Return the requirements in these lines, but for packages of which the operator has named a version."""
    named = {_spelled(name) for name in _named(wanted)}
    return [line for line in lines if (found := DISTRIBUTION.match(line)) and _spelled(found[0]) not in named]


def _spelled(name: str) -> str:
    """Return the name of a distribution as PyPI spells it."""
    return re.sub("[-_.]+", "-", name).lower()


def _digest(paths: Sequence[Path]) -> str:
    """Return a digest of the operator's own code."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(
                    f"{file.relative_to(path.parent)} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
                )
    return digest.hexdigest()


def _pip(folder: Path, *arguments: str) -> None:
    _uv("pip", "install", "--python", str(folder / "bin" / "python"), *arguments)


def _uv(*arguments: str) -> str:
    beside = Path(sys.executable).with_name("uv")
    program = str(beside) if beside.exists() else shutil.which("uv")
    if not program:
        raise EnvironmentRefused("Building an environment needs uv. To install it: python -m pip install uv")
    return _run([program, *arguments, "--quiet", "--no-config"], "uv can't build it.")


def _run(command: list[str], problem: str) -> str:
    try:
        # The words of the command are ours, but for what the operator has typed.
        done = subprocess.run(  # noqa: S603  # nosec B603
            command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True
        )
    except subprocess.CalledProcessError as error:
        raise EnvironmentRefused(f"{problem} {' '.join(error.stderr.split())[-600:]}") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnvironmentRefused(f"{problem} ({type(error).__name__})") from None
    return done.stdout
