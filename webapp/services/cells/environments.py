"""The environments that the operator has added: each a Python with libraries of its own, for models that need them."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from webapp.config import ROOT
from webapp.errors import NotServable
from webapp.models.environment_needs import BY_VALUE
from webapp.models.file_report import FileReport

#: The pinned packages that our own code needs in each environment.
OWN = ROOT / "environments" / "own.txt"
#: The file in an environment's folder that says what was installed; an environment without it is not complete.
CONTENTS = "scoredesk.json"
MAX_CONTENTS_BYTES = 1024 * 1024
#: Modules that each environment has.
COMMON = {"joblib", "numpy", "pandas", "scipy", "sklearn"}


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What was installed in an environment."""

    python: str
    #: The version of each distribution.
    libraries: Mapping[str, str]
    #: All modules and packages, and those with the operator's own code.
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    #: Those that the operator named. The zygote imports them, so that cells share them and need no files for them.
    preloaded: tuple[str, ...] = ()
    #: The SHA-256 of the operator's own code.
    code: str = ""
    #: Whether only the libraries of one of our own lists are in it, whose models the list of allowed types covers.
    is_pinned: bool = False


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment that can run models."""

    name: str
    folder: Path
    contents: Contents

    @property
    def program(self) -> Path:
        """Its Python."""
        return self.folder / "bin" / "python"

    @property
    def digest(self) -> str:
        """Names all that decides what a file means in it."""
        return hashlib.sha256(write_contents(self.contents)).hexdigest()

    @property
    def code(self) -> str:
        """A digest of the operator's own code and of the libraries, but for those that only our own code needs."""
        libraries = {name: each for name, each in self.contents.libraries.items() if name not in _needed_by_us()}
        return hashlib.sha256(json.dumps([self.contents.code, libraries], sort_keys=True).encode()).hexdigest()

    @property
    def scikit_learn(self) -> str:
        """The version of scikit-learn in it."""
        return self.contents.libraries.get("scikit-learn", "")

    @property
    def sentence(self) -> str:
        """What is in it, in words."""
        return f"the environment {self.name}: Python {self.contents.python}, scikit-learn {self.scikit_learn}"

    def suits(self, made_with: str | None, modules: Collection[str]) -> bool:
        """Return whether it has the modules that a file needs, and the scikit-learn that it was made with."""
        needed = set(modules) - sys.stdlib_module_names
        return needed <= set(self.contents.packages) and (
            made_with is None or self.scikit_learn.split(".")[:2] == made_with.split(".")[:2]
        )

    def is_made_for(self, modules: Collection[str]) -> bool:
        """Return whether the operator named one of these modules for it, or its package, besides those of them all."""
        return bool((set(modules) & set(self.contents.preloaded)) - COMMON)

    def extends(self, other: Environment) -> bool:
        """Return whether it has all that another one has, in the same versions, so that both answer the same."""
        mine, others = self.contents, other.contents
        same_code = not others.modules or (mine.modules, mine.code) == (others.modules, others.code)
        return same_code and mine.python == others.python and others.libraries.items() <= mine.libraries.items()


def smallest(environments: Sequence[Environment]) -> Environment | None:
    """Return the environment that all others only add something to; None if there is none."""
    return next((each for each in environments if all(other.extends(each) for other in environments)), None)


@cache
def _needed_by_us() -> frozenset[str]:
    return frozenset(line.partition("==")[0] for line in OWN.read_text().splitlines() if "==" in line)


_CONTENTS = TypeAdapter(Contents)


def write_contents(contents: Contents) -> bytes:
    """Return the contents of an environment as JSON."""
    return json.dumps(_CONTENTS.dump_python(contents, mode="json"), sort_keys=True, indent=1).encode()


class Environments:
    """The folder of the environments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Environment]:
        """Return all environments by name."""
        with suppress(OSError):
            found = [self.get(path.name) for path in sorted(self.folder.iterdir()) if not path.name.startswith(".")]
            return [each for each in found if each]
        return []

    def stamp(self) -> frozenset[tuple[str, int]]:
        """Return what differs when environments were added or removed."""
        with suppress(OSError):
            return frozenset(
                (path.parent.name, path.stat().st_mtime_ns) for path in self.folder.glob(f"[!.]*/{CONTENTS}")
            )
        return frozenset()

    def get(self, name: str) -> Environment | None:
        """Return the environment of this name, if there is one."""
        folder = self.folder / name
        with suppress(OSError, ValidationError, ValueError):
            with (folder / CONTENTS).open("rb") as file:
                contents: Any = _CONTENTS.validate_json(file.read(MAX_CONTENTS_BYTES))
            return Environment(name=name, folder=folder, contents=contents)
        return None

    def require(self, name: str) -> Environment:
        """Return the environment of this name.

        Raises
        ------
        NotServable
            With what to do to add it.
        """
        if found := self.get(name):
            return found
        raise NotServable(
            f"It needs the environment {name}, which is not there. To add it: flask --app wsgi environments add {name}"
        )

    def suiting(self, report: FileReport) -> list[Environment]:
        """Return those that have what a file needs: the ones that were made for its libraries, if any were."""
        if any(name.startswith(BY_VALUE) for name, _ in report.names):
            # Their code lies in the file itself; only a card that names an environment lets it run.
            return []
        modules = {name.partition(".")[0] for name, _ in report.names}
        found = [each for each in self.all() if each.suits(report.made_with, modules)]
        return [each for each in found if each.is_made_for(modules)] or found
