"""Which versions lie in the folder, by what their files hold."""

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
    """One version's file and its card, each with the digest of what it holds; equal ones hold the same."""

    name: str
    version: str
    path: Path
    #: Empty while the file can't be read.
    digest: str
    card: Path
    #: Empty when there is no card.
    card_digest: str


def version_file(name: str, version: str, path: Path) -> VersionFile:
    """Describe one file and the card beside it as they are now."""
    card = path.with_suffix(".json")
    return VersionFile(
        name=name,
        version=version,
        path=path,
        digest=_digest(path),
        card=card,
        card_digest=_digest(card) if card.exists() else "",
    )


class ModelFolder:
    """Finds ``<name>.joblib`` and ``<name>/<n>.joblib``, and reads again only what has changed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._digests: dict[Path, tuple[Stamp, str]] = {}

    def scan(self) -> dict[str, Mapping[str, VersionFile]]:
        """Give all versions by model and version."""
        found: dict[str, dict[str, VersionFile]] = {}
        for file in self._files():
            found.setdefault(file.name, {})[file.version] = file
        present = {path for each in found.values() for file in each.values() for path in (file.path, file.card)}
        self._digests = {path: known for path, known in self._digests.items() if path in present}
        return {name: found[name] for name in sorted(found)}

    def _files(self) -> Iterator[VersionFile]:
        for path in self.directory.glob("*.joblib"):
            if not path.name.startswith(".") and _is_file(path):
                digest = self._digest(path)
                yield self._file(path.stem, digest[:DIGEST_DIGITS], path, digest)
        for path in self.directory.glob("*/*.joblib"):
            if is_number(path.stem) and not path.parent.name.startswith(".") and _is_file(path):
                yield self._file(path.parent.name, path.stem, path, self._digest(path))

    def _file(self, name: str, version: str, path: Path, digest: str) -> VersionFile:
        card = path.with_suffix(".json")
        return VersionFile(
            name=name, version=version, path=path, digest=digest, card=card, card_digest=self._digest(card)
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
            # A card that isn't there, or a file that went away or may not be read; loading it will tell.
            self._digests.pop(path, None)
            return ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_file(path: Path) -> bool:
    try:
        # A name that no record could hold is nobody's model either.
        return is_storable(str(path)) and path.is_file()
    except OSError:
        # A folder that may not be entered is nobody else's trouble.
        return False


def _stamp(stat: os.stat_result) -> Stamp:
    # Nobody can set the time of the last change of the inode, as a copy sets the time of the last writing.
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino, stat.st_dev
