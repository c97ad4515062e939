"""Finds the versions in the models folder, and tells them apart by the digests of their files."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from webapp.helpers.log_lines import one_line
from webapp.models.card import MAX_CARD_BYTES
from webapp.models.file_format import card_path, model_name
from webapp.regular_file import MAX_FILE_BYTES, read_chunks
from webapp.services.model_store.champions import DIGEST_DIGITS, is_number
from webapp.services.model_store.time_limit import Progress, Silent, TimeLimit

logger = logging.getLogger(__name__)

Stamp = tuple[int, ...]

#: How many silent places one scan waits for; later scans skip these and find the next ones.
MAX_SILENT_PLACES = 2


NO_PLAIN_NAME = "Its name is blank, or has characters that can't be shown in one line. Rename the file."


def _ignore() -> None:
    """Ignore the progress."""


@dataclass(frozen=True, kw_only=True)
class VersionFile:
    """The file and the card of one version, each with its digest; equal objects have equal contents."""

    #: Escaped, if the name of the file has characters that no model's name may have.
    name: str
    #: Why it can't be served, whatever it holds; None if nothing speaks against it.
    problem: str | None = None
    version: str
    path: Path
    #: Empty if the file can't be read.
    digest: str
    card: Path
    #: Empty when there is no card. If there is one that can't be read, it says why.
    card_digest: str
    #: A digest of the operator's own code, which may change what any file means.
    own_code: str = ""


class ModelFolder:
    """Finds ``<name>.joblib`` and ``<name>/<n>.joblib``, and only reads files that have changed; see ``ENDINGS``."""

    def __init__(self, directory: Path, own_code: Callable[[], str] = str) -> None:
        self.directory = directory
        self._own_code = own_code
        #: Whether it could be listed, at least once.
        self.was_listed = False
        #: What is wrong with it now, in a sentence; None if nothing is.
        self.problem: str | None = None
        self._time_limit = TimeLimit()
        self._entries: dict[Path, list[VersionFile]] = {}
        self._digests: dict[Path, tuple[Stamp, str]] = {}

    def scan(self) -> dict[str, Mapping[str, VersionFile]]:
        """Return all versions, by model and version; what can't be read now is returned as it was last seen."""
        self._note(self._look())
        models: dict[str, dict[str, VersionFile]] = {}
        for file in _without_twins([file for files in self._entries.copy().values() for file in files]):
            models.setdefault(file.name, {})[file.version] = file
        present = {path for files in models.values() for file in files.values() for path in (file.path, file.card)}
        self._digests = {path: known for path, known in self._digests.copy().items() if path in present}
        return {name: models[name] for name in sorted(models)}

    def _look(self) -> str | None:
        """Look at all that answers; return what is wrong with the folder."""
        for _ in range(MAX_SILENT_PLACES):
            try:
                self._time_limit.run(self.directory, self._read_entries)
                break
            except Silent as error:
                if error.place == self.directory:
                    return "The models folder does not answer."
            except OSError as error:
                return f"The models folder can't be read ({error.strerror})."
        silent = sorted(place.name for place in self._time_limit.silent)
        return f"There is no answer from {', '.join(map(repr, silent))} in the models folder." if silent else None

    def _note(self, problem: str | None) -> None:
        if problem and problem != self.problem:
            logger.warning("%s What is loaded stays in service.", problem)
        elif self.problem and not problem:
            logger.warning("The models folder answers again.")
        self.problem = problem

    def _read_entries(self, progress: Progress) -> None:
        entries = _list(self.directory)
        self.was_listed = True
        self._entries = {path: files for path, files in self._entries.items() if path in entries}
        for path in sorted(entries - self._time_limit.silent):
            progress(path)
            # An entry that may not be read, or not now, must not affect the others.
            with suppress(OSError):
                files = list(self._versions_in(path, progress))
                progress(path)
                self._entries[path] = files

    def _versions_in(self, path: Path, progress: Progress) -> Iterator[VersionFile]:
        """Yield the versions of one entry of the folder: a bare file, or a model's own folder."""
        name = model_name(path)
        if name is not None and _is_regular(path):
            yield self.describe(name, path, on_progress=progress)
        else:
            for file in sorted(_list(path)):
                progress()
                version = model_name(file)
                if version and is_number(version) and _is_regular(file):
                    yield self.describe(path.name, file, version, on_progress=progress)

    def describe(
        self, name: str, path: Path, version: str | None = None, *, on_progress: Callable[[], None] = _ignore
    ) -> VersionFile:
        """Describe a file and the card next to it as they are now; without a version, it is a bare file."""
        card = card_path(path)
        try:
            digest = self._digest(path, MAX_FILE_BYTES, on_progress)
        except OSError:
            # It is gone or may not be read; loading the version will report it.
            digest = ""
        return VersionFile(
            name=one_line(name),
            problem=None if one_line(name) == name and name.strip() else NO_PLAIN_NAME,
            version=digest[:DIGEST_DIGITS] if version is None else version,
            path=path,
            digest=digest,
            card=card,
            card_digest=self._card_digest(card, on_progress),
            own_code=self._own_code(),
        )

    def _card_digest(self, card: Path, on_progress: Callable[[], None]) -> str:
        try:
            return self._digest(card, MAX_CARD_BYTES, on_progress)
        except OSError as error:
            # A model is not served without the card that it has, because that may name inputs that are not recorded.
            has_none = isinstance(error, FileNotFoundError) and not os.path.lexists(card)
            return "" if has_none else f"unreadable: {error.strerror}"

    def _digest(self, path: Path, max_bytes: int, on_progress: Callable[[], None]) -> str:
        try:
            stamp = _stamp(path.stat())
            known = self._digests.get(path)
            if known is None or known[0] != stamp:
                digest = hashlib.sha256()
                for chunk in read_chunks(path, max_bytes=max_bytes, on_progress=on_progress):
                    digest.update(chunk)
                known = stamp, digest.hexdigest()
                self._digests[path] = known
            return known[1]
        except OSError:
            self._digests.pop(path, None)
            raise


def _without_twins(files: Iterable[VersionFile]) -> Iterator[VersionFile]:
    """Yield the files; of those that differ in their endings only, one, with the reason why none of them is served."""
    twins: dict[Path, list[VersionFile]] = {}
    for file in files:
        twins.setdefault(file.card, []).append(file)
    for same in twins.values():
        names = sorted(file.path.name for file in same)
        if len(same) == 1:
            yield same[0]
        else:
            problem = f"{' and '.join(names)} differ in their endings only. Keep one of them, or rename the others."
            yield replace(same[0], problem=problem)


def _list(folder: Path) -> set[Path]:
    """Return what is in a folder and not hidden; a folder that is missing holds nothing."""
    try:
        with os.scandir(folder) as entries:
            return {Path(entry.path) for entry in entries if not entry.name.startswith(".")}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _stamp(found: os.stat_result) -> Stamp:
    # A copy may set the modification time (mtime) of a file, but no program can set the change time (ctime).
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev
