"""The models that other versions fitted, what they answered there, and what the gate's models answer here."""

from __future__ import annotations

import json
import sys
import tarfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from webapp.cell.gate import Grants, inspect, load
from webapp.cell.migrations import Origin
from webapp.errors import NotServable

FOLDER = Path(__file__).parent
#: fit.py and its parts run without this project, so they import each other by their bare names.
sys.path.append(str(FOLDER))

from answers import answers_of  # noqa: E402

GRANTS = Grants.of()
#: How far two numbers may be apart and count as equal: other versions of compiled code add in another order.
RELATIVE, ABSOLUTE = 1e-9, 1e-12


@dataclass(frozen=True)
class Fixture:
    """A model that another version fitted."""

    name: str
    file: bytes
    inputs: str
    #: What each method answered to each batch of rows.
    answers: Mapping[str, Any]

    def load(self, origin: Origin) -> Any:
        """Load the file through the gate.

        Raises
        ------
        NotServable
        """
        inspection = inspect(self.file)
        refused = inspection.refused_uses(GRANTS)
        if inspection.problem or refused:
            raise NotServable(inspection.problem or f"It needs {refused[0]}.")
        return load(self.file, GRANTS, origin)

    def difference(self, model: Any) -> str | None:
        """Return a method that answers otherwise than at home; None if all answers are equal.

        What the version at home refused is not compared: whether blanks are taken, the form decides by itself.
        """
        ours = json.loads(json.dumps(answers_of(model, self.inputs)))
        for method, answer in self.answers.items():
            if not _is_refusal(answer) and not _equal(ours.get(method), answer):
                return method
        return None


@dataclass(frozen=True)
class Archive:
    """All that one version fitted."""

    version: str
    #: The parameters of each class that were tried with each of their words.
    options: Mapping[str, list[str]]
    fixtures: tuple[Fixture, ...]


def versions() -> list[str]:
    """Return the versions of which there are archives."""
    return sorted(path.name.removesuffix(".tar.xz") for path in (FOLDER / "archives").glob("*.tar.xz"))


@cache
def archive(version: str) -> Archive:
    """Read an archive."""
    with tarfile.open(FOLDER / "archives" / f"{version}.tar.xz") as tar:
        files = {member.name: _content(tar, member) for member in tar}
    about = json.loads(files["about.json"])
    fixtures = tuple(
        Fixture(name, files[f"{name}.joblib"], each["inputs"], each["answers"])
        for name, each in about["models"].items()
    )
    return Archive(about["version"], about["options"], fixtures)


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file
    return file.read()


@contextmanager
def quiet() -> Iterator[None]:
    """Ask models without their warnings, and on one processor, so that sums are the same each time."""
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        yield


def _is_refusal(answer: Any) -> bool:
    return isinstance(answer, dict)


def _equal(ours: Any, theirs: Any) -> bool:
    if _is_refusal(ours) or ours is None:
        return False
    try:
        one, other = np.asarray(ours), np.asarray(theirs)
    except ValueError:
        return len(ours) == len(theirs) and all(map(_equal, ours, theirs))
    if one.shape != other.shape:
        return False
    if one.dtype.kind in "iuf" and other.dtype.kind in "iuf":
        return np.allclose(one, other, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    return bool((one == other).all())
