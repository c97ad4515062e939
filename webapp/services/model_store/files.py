"""Finds the versions in the models folder, and tells them apart by the digests of their files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from webapp.helpers.storable import is_storable
from webapp.services.model_store.champions import DIGEST_DIGITS, is_number

Stamp = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class VersionFile:
    """The file and the card of one version, each with its digest; equal objects have equal contents."""

    name: str
    version: str
    path: Path
    #: Empty if the file can't be read.
    digest: str
    card: Path
    #: Empty when there is no card.
    card_digest: str


class ModelFolder:
    """Finds ``<name>.joblib`` and ``<name>/<n>.joblib``, and only reads files that have changed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._digests: dict[Path, tuple[Stamp, str]] = {}

    def scan(self) -> dict[str, Mapping[str, VersionFile]]:
        """Return all versions, by model and version."""
        models: dict[str, dict[str, VersionFile]] = {}
        for file in self._files():
            models.setdefault(file.name, {})[file.version] = file
        present = {path for files in models.values() for file in files.values() for path in (file.path, file.card)}
        self._digests = {path: known for path, known in self._digests.items() if path in present}
        return {name: models[name] for name in sorted(models)}

    def _files(self) -> Iterator[VersionFile]:
        for path in self.directory.glob("*.joblib"):
            if not path.name.startswith(".") and _is_file(path):
                yield self.describe(path.stem, path)
        for path in self.directory.glob("*/*.joblib"):
            if is_number(path.stem) and not path.parent.name.startswith(".") and _is_file(path):
                yield self.describe(path.parent.name, path, path.stem)

    def describe(self, name: str, path: Path, version: str | None = None) -> VersionFile:
        """Describe a file and the card next to it as they are now; without a version, it is a bare file."""
        digest, card = self._digest(path), path.with_suffix(".json")
        return VersionFile(
            name=name,
            version=digest[:DIGEST_DIGITS] if version is None else version,
            path=path,
            digest=digest,
            card=card,
            card_digest=self._digest(card),
        )

    def _digest(self, path: Path) -> str:
        try:
            stamp = _stamp(path.stat())
            known = self._digests.get(path)
            if known is None or known[0] != stamp:
                known = stamp, _digest(path)
                self._digests[path] = known
            return known[1]
        except OSError:
            # There is no card, or the file is gone or may not be read; loading the version will report it.
            self._digests.pop(path, None)
            return ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_file(path: Path) -> bool:
    try:
        # A name that can't be stored in a record can't be a model's name.
        return is_storable(str(path)) and path.is_file()
    except OSError:
        # A folder that may not be entered must not affect the other models.
        return False


def _stamp(stat: os.stat_result) -> Stamp:
    # A copy may set the modification time (mtime) of a file, but no program can set the change time (ctime).
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev
