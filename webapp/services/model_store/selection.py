"""Chooses the version that answers for a model: the champion or, if it can't be served, the best other version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from webapp.errors import VersionHistoryUnavailable
from webapp.services.model_store.cache import VersionCache
from webapp.services.model_store.champions import candidates
from webapp.services.model_store.files import VersionFile
from webapp.services.model_store.history import ModelHistory, VersionHistory
from webapp.services.model_store.served import ServedModel, UnservedModel

UNLOADED_REASON = "It was unloaded."


@dataclass(frozen=True, kw_only=True)
class ModelVersions:
    """The files of one model's versions, and the version that answers, if any can."""

    files: Mapping[str, VersionFile]
    champion: ServedModel | None = None
    #: The champion's file when it was loaded.
    champion_file: VersionFile | None = None
    #: Versions that come before the champion but can't be served.
    refused: Sequence[UnservedModel] = ()


class VersionSelector:
    """Chooses by the files in the folder and by the history, as far as it was last read."""

    def __init__(self, cache: VersionCache, history: VersionHistory | None) -> None:
        self._cache = cache
        self._history = history
        self._histories: Mapping[str, ModelHistory] = {}

    def read_history(self) -> None:
        """Read the history again; while it can't be reached, what was read last stays valid."""
        if self._history:
            with suppress(VersionHistoryUnavailable):
                self._histories = self._history.read()

    def first_choice(self, name: str, files: Mapping[str, VersionFile]) -> VersionFile | None:
        """Return the file that should answer for a model, without loading it; None if it is another file by now."""
        file = files[candidates(files, self._history_of(name).line)[0]]
        return None if self._digest_mismatch(file) else file

    def choose(self, name: str, files: Mapping[str, VersionFile], before: ModelVersions | None) -> ModelVersions:
        """Load versions of a model until one can be served."""
        line = self._history_of(name).line
        if self.is_unloaded(name):
            return ModelVersions(files=files, refused=[UnservedModel(name=name, reason=UNLOADED_REASON)])
        refused = [_missing(name, version) for version in line[:1] if version not in files]
        for version in candidates(files, line):
            file = files[version]
            entry = self.load(file)
            if isinstance(entry, ServedModel):
                return ModelVersions(files=files, champion=entry, champion_file=file, refused=refused)
            refused.append(entry)
            if (kept := self._kept(before, file)) is not None:
                return ModelVersions(files=files, champion=kept, champion_file=file, refused=refused)
        return ModelVersions(files=files, refused=refused)

    def load(self, file: VersionFile, patience: float | None = None) -> ServedModel | UnservedModel:
        """Return a version, loaded now if it is not loaded yet; raise VersionsLoading if others take too long."""
        return self._digest_mismatch(file) or self._cache.get(file, patience)

    def peek(self, file: VersionFile) -> ServedModel | UnservedModel | None:
        """Return a version if it is loaded, or if its file is not the right one."""
        return self._digest_mismatch(file) or self._cache.peek(file)

    def is_unloaded(self, name: str) -> bool:
        """Return whether a model was taken out of service."""
        return self._history_of(name).unloaded

    def _kept(self, before: ModelVersions | None, file: VersionFile) -> ServedModel | None:
        """Return the champion so far, if a file that can't be served has replaced the file that it was loaded from."""
        if before is None or before.champion is None or before.champion_file is None:
            return None
        if before.champion_file.path != file.path or self._digest_mismatch(before.champion):
            return None
        if not before.champion.inference.cells.has_its_code:
            return None
        return before.champion

    def _history_of(self, name: str) -> ModelHistory:
        return self._histories.get(name, ModelHistory())

    def _digest_mismatch(self, version: VersionFile | ServedModel) -> UnservedModel | None:
        """Refuse a version whose digest is another one in the history; without a digest, loading reports the reason."""
        known = self._history_of(version.name).digests
        if version.digest in ("", known.get(version.version, version.digest)):
            return None
        reason = f"Its file is not the one that was published or promoted as version {version.version}."
        return UnservedModel(name=version.name, version=version.version, reason=reason)


def _missing(name: str, version: str) -> UnservedModel:
    return UnservedModel(name=name, version=version, reason="It is the champion, but its file is not here.")
